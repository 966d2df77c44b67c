#include "telemetry/log.h"

#include <array>
#include <utility>

#include "absl/time/time.h"
#include "base/strings.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/sink.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "telemetry/json_text.h"

namespace muster::telemetry {
namespace {

// Hands spdlog's messages to a sink of ours; the line is whole already.
class SinkAdapter final : public spdlog::sinks::sink {
 public:
  explicit SinkAdapter(std::shared_ptr<LogSink> lines) : lines_(std::move(lines)) {}

  void log(const spdlog::details::log_msg& message) override {
    lines_->Write(std::chrono::floor<std::chrono::milliseconds>(message.time),
                  {message.payload.data(), message.payload.size()});
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  const std::shared_ptr<LogSink> lines_;
};

std::unique_ptr<spdlog::logger> MakeLogger(const std::vector<spdlog::sink_ptr>& sinks) {
  auto logger = std::make_unique<spdlog::logger>("muster", sinks.begin(), sinks.end());
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

std::vector<spdlog::sink_ptr> Adapted(std::vector<std::shared_ptr<LogSink>> sinks) {
  std::vector<spdlog::sink_ptr> adapted;
  adapted.reserve(sinks.size());
  for (auto& sink : sinks) adapted.push_back(std::make_shared<SinkAdapter>(std::move(sink)));
  return adapted;
}

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

// "2026-11-20T21:03:04" of a second, which most records share with the one before.
std::string_view FormatSecond(std::chrono::sys_seconds second) {
  thread_local std::chrono::sys_seconds known{std::chrono::seconds(-1)};
  thread_local std::string text;
  if (second != known) {
    text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromChrono(second), absl::UTCTimeZone());
    known = second;
  }
  return text;
}

void AppendTime(std::string* out, base::Timestamp time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto ms = static_cast<int>((time - second).count());
  out->append(FormatSecond(second));
  const std::array<char, 5> fraction = {'.', static_cast<char>('0' + ms / 100),
                                        static_cast<char>('0' + ms / 10 % 10),
                                        static_cast<char>('0' + ms % 10), 'Z'};
  out->append(fraction.data(), fraction.size());
}

void AppendValue(std::string* out, const LogField::Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    return AppendJsonString(out, *text);
  }
  AppendNumber(out, std::get<int64_t>(value));
}

void AppendText(std::string* out, base::Timestamp time, LogLevel level, std::string_view message,
                std::span<const LogField> fields) {
  AppendTime(out, time);
  const std::string_view name = LevelName(level);
  out->append(" ").append(name).append(6 - name.size(), ' ').append(message);
  for (const LogField& field : fields) {
    out->append(" ").append(field.name).append("=");
    AppendValue(out, field.value);
  }
}

}  // namespace

void AppendRecord(std::string* out, LogFormat format, base::Timestamp time, LogLevel level,
                  std::string_view message, std::span<const LogField> fields) {
  if (format == LogFormat::kText) return AppendText(out, time, level, message, fields);
  out->append(R"({"time":")");
  AppendTime(out, time);
  out->append(R"(","level":")").append(LevelName(level)).append(R"(","msg":)");
  AppendJsonString(out, message);
  for (const LogField& field : fields) {
    out->append(",\"").append(field.name).append("\":");
    AppendValue(out, field.value);
  }
  out->append("}");
}

Logger::Logger(LogLevel level, const base::Clock& clock, std::vector<Output> outputs)
    : level_(level), clock_(clock) {
  for (Output& output : outputs) {
    channels_.push_back({output.format, MakeLogger(Adapted(std::move(output.sinks)))});
  }
}

Logger::Logger(const Options& options, const base::Clock& clock)
    : level_(options.level), clock_(clock) {
  channels_.push_back(
      {options.format, MakeLogger({std::make_shared<spdlog::sinks::stdout_sink_mt>()})});
}

Logger::~Logger() = default;

void Logger::Log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (!IsOn(level)) return;
  // Its memory is used again, so that a record costs no allocation.
  thread_local std::string line;
  const base::Timestamp now = clock_.Now();
  for (const Channel& channel : channels_) {
    line.clear();
    AppendRecord(&line, channel.format, now, level, message, fields);
    channel.out->log(now, spdlog::source_loc(), spdlog::level::info, {line.data(), line.size()});
  }
}

}  // namespace muster::telemetry
