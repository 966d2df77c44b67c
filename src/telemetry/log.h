#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace spdlog {
class logger;
}

namespace muster::telemetry {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kJson, kText };

// One named fact of a record. The name is snake_case. Only a view: it lives as long as the call
// that logs it.
struct LogField {
  using Value = std::variant<int64_t, std::string_view>;

  LogField(std::string_view field_name, int64_t field_value)
      : name(field_name), value(field_value) {}
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}

  std::string_view name;
  Value value;
};

// Where the lines of records go, without their end. Thread-safe; must not wait for anybody.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Write(base::Timestamp time, std::string_view line) = 0;
};

// Turns records into lines: a JSON object with `time`, `level`, `msg` and the fields, or text for
// people. Thread-safe. Never give it a token or a secret.
class Logger {
 public:
  struct Options {
    LogLevel level = LogLevel::kInfo;
    // On standard output.
    LogFormat format = LogFormat::kJson;
  };
  // Sinks for lines of one format.
  struct Output {
    LogFormat format;
    std::vector<std::shared_ptr<LogSink>> sinks;
  };
  using Fields = std::initializer_list<LogField>;

  // Each record goes to all outputs.
  Logger(LogLevel level, const base::Clock& clock, std::vector<Output> outputs);
  // Writes to standard output and waits for it: for a start that fails, and for tools.
  Logger(const Options& options, const base::Clock& clock);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  bool IsOn(LogLevel level) const { return level >= level_; }
  void Log(LogLevel level, std::string_view message, std::span<const LogField> fields);

  void Debug(std::string_view message, Fields fields = {}) {
    Log(LogLevel::kDebug, message, {fields.begin(), fields.end()});
  }
  void Info(std::string_view message, Fields fields = {}) {
    Log(LogLevel::kInfo, message, {fields.begin(), fields.end()});
  }
  void Warn(std::string_view message, Fields fields = {}) {
    Log(LogLevel::kWarn, message, {fields.begin(), fields.end()});
  }
  void Error(std::string_view message, Fields fields = {}) {
    Log(LogLevel::kError, message, {fields.begin(), fields.end()});
  }

 private:
  struct Channel {
    LogFormat format;
    std::unique_ptr<spdlog::logger> out;
  };

  const LogLevel level_;
  const base::Clock& clock_;
  std::vector<Channel> channels_;
};

// Appends the line of a record, without its end. Pure, so that golden tests can hold it.
void AppendRecord(std::string* out, LogFormat format, base::Timestamp time, LogLevel level,
                  std::string_view message, std::span<const LogField> fields);

}  // namespace muster::telemetry
