#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace spdlog {
class logger;
}

namespace muster::telemetry {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kJson, kText };

// One named fact of a record. The name is snake_case and lives as long as the program.
struct LogField {
  using Value = std::variant<int64_t, std::string>;

  LogField(std::string_view field_name, int64_t field_value)
      : name(field_name), value(field_value) {}
  LogField(std::string_view field_name, std::string_view text)
      : name(field_name), value(std::string(text)) {}

  std::string_view name;
  Value value;
};

// Writes records to standard output, one a line: a JSON object with `time`, `level`, `msg` and the
// fields, or text for people. Thread-safe. Never give it a token or a secret.
class Logger {
 public:
  struct Options {
    LogLevel level = LogLevel::kInfo;
    LogFormat format = LogFormat::kJson;
  };

  Logger(const Options& options, const base::Clock& clock);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  bool IsOn(LogLevel level) const { return level >= options_.level; }
  void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kInfo, message, fields);
  }
  void Warn(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kWarn, message, fields);
  }
  void Error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Log(LogLevel::kError, message, fields);
  }

 private:
  const Options options_;
  const base::Clock& clock_;
  const std::unique_ptr<spdlog::logger> out_;
};

// The line of a record, without its end. Pure, so that golden tests can hold it.
std::string FormatRecord(LogFormat format, base::Timestamp time, LogLevel level,
                         std::string_view message, std::initializer_list<LogField> fields);

}  // namespace muster::telemetry
