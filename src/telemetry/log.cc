#include "telemetry/log.h"

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"
#include "spdlog/logger.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace muster::telemetry {
namespace {

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "unknown";
}

std::string FormatTime(base::Timestamp time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromChrono(time), absl::UTCTimeZone());
}

// A JSON string, whatever bytes the text holds.
std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string FormatValue(const LogField::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
  return Quoted(std::get<std::string>(value));
}

}  // namespace

std::string FormatRecord(LogFormat format, base::Timestamp time, LogLevel level,
                         std::string_view message, std::initializer_list<LogField> fields) {
  if (format == LogFormat::kText) {
    std::string line = absl::StrFormat("%s %-5s %s", FormatTime(time),
                                       base::ToAbsl(LevelName(level)), base::ToAbsl(message));
    for (const LogField& field : fields) {
      line += base::StrCat(" ", field.name, "=", FormatValue(field.value));
    }
    return line;
  }
  std::string line = base::StrCat("{\"time\":\"", FormatTime(time), "\",\"level\":\"",
                                  LevelName(level), "\",\"msg\":", Quoted(message));
  for (const LogField& field : fields) {
    line += base::StrCat(",\"", field.name, "\":", FormatValue(field.value));
  }
  line += "}";
  return line;
}

Logger::Logger(const Options& options, const base::Clock& clock)
    : options_(options),
      clock_(clock),
      out_(std::make_unique<spdlog::logger>("muster",
                                            std::make_shared<spdlog::sinks::stdout_sink_mt>())) {
  out_->set_pattern("%v");
  out_->set_level(spdlog::level::trace);
  out_->flush_on(spdlog::level::trace);
}

Logger::~Logger() = default;

void Logger::Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!IsOn(level)) return;
  const std::string line = FormatRecord(options_.format, clock_.Now(), level, message, fields);
  out_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace muster::telemetry
