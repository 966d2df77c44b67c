#include "app/telemetry_stack.h"

#include <unistd.h>

#include <chrono>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/strings.h"
#include "net/curl_sender.h"
#include "telemetry/exporters/batcher.h"
#include "telemetry/exporters/file_writer.h"
#include "telemetry/exporters/http_writer.h"
#include "telemetry/exporters/loki_json.h"
#include "telemetry/exporters/record_sinks.h"
#include "telemetry/exporters/zipkin_json.h"
#include "telemetry/process_metrics.h"

namespace muster::app {

namespace exporters = telemetry::exporters;

struct ExporterLine {
  exporters::ExportCounts counts;
  std::unique_ptr<exporters::BatchWriter> writer;
  std::unique_ptr<exporters::Batcher> batcher;

  void Batch(exporters::Batcher::Options options) {
    batcher = std::make_unique<exporters::Batcher>(std::move(options), *writer, counts);
  }
  void Stop(std::chrono::milliseconds flush) const { batcher->Stop(flush); }
};

namespace {

// A terminal shall show a line at once; a pipe shall not be written for each.
constexpr std::chrono::milliseconds kStdoutInterval{10};
constexpr size_t kStdoutBatchBytes = 64 * 1024;
constexpr std::chrono::milliseconds kFlush{1000};

// Says once a change how an exporter fares.
exporters::HttpWriter::OnChange Report(telemetry::Logger& console, std::string_view exporter) {
  return [&console, exporter](const absl::Status& status) {
    if (status.ok()) return console.Info("export works again", {{"exporter", exporter}});
    console.Warn("export fails",
                 {{"exporter", exporter}, {"detail", base::FromAbsl(status.message())}});
  };
}

std::unique_ptr<base::HttpSender> Sender(const ObservabilityConfig& config) {
  return std::make_unique<net::CurlSender>(config.app_name);
}

}  // namespace

TelemetryStack::TelemetryStack(const ObservabilityConfig& config, const std::string& version,
                               const base::Clock& clock)
    : registry_(config.prometheus.prefix), stdout_(std::make_unique<ExporterLine>()) {
  telemetry::ShowProcess(registry_, version);
  export_metrics_.Show("stdout", stdout_->counts);
  stdout_->writer = std::make_unique<exporters::FileWriter>(STDOUT_FILENO, stdout_->counts);
  stdout_->Batch({config.max_export_queue_bytes, kStdoutBatchBytes, kStdoutInterval, "\n"});
  const auto lines = std::make_shared<exporters::LineSink>(*stdout_->batcher);
  using Outputs = std::vector<telemetry::Logger::Output>;
  console_ = std::make_unique<telemetry::Logger>(config.log.level, clock,
                                                 Outputs{{config.log.format, {lines}}});

  Outputs outputs = {{config.log.format, {lines}}};
  if (config.loki.enabled) {
    StartLoki(config);
    // Loki gets JSON whatever people want to read: queries and links are made for it. What both
    // write in the same form is formatted once.
    const auto loki_sink = std::make_shared<exporters::LokiSink>(*loki_->batcher);
    if (config.log.format == telemetry::LogFormat::kJson) {
      outputs.front().sinks.push_back(loki_sink);
    } else {
      outputs.push_back({telemetry::LogFormat::kJson, {loki_sink}});
    }
  }
  if (config.zipkin.enabled) StartZipkin(config);
  log_ = std::make_unique<telemetry::Logger>(config.log.level, clock, std::move(outputs));
  const telemetry::Tracer::Options tracing{config.zipkin.sample_percent, base::RandomIdSeed()[0]};
  tracer_ = std::make_unique<telemetry::Tracer>(tracing, spans_.get());
}

void TelemetryStack::StartLoki(const ObservabilityConfig& config) {
  loki_ = std::make_unique<ExporterLine>();
  exporters::HttpWriter::Options options;
  options.url = config.loki.url;
  if (!config.loki.username.empty() || !config.loki.password.empty()) {
    options.headers.push_back(base::BasicAuthorization(config.loki.username, config.loki.password));
  }
  options.before = exporters::LokiBefore({{"service_name", config.app_name}});
  options.after = exporters::LokiAfter();
  loki_->writer = std::make_unique<exporters::HttpWriter>(std::move(options), Sender(config),
                                                          loki_->counts, Report(*console_, "loki"));
  exporters::Batcher::Options batching;
  batching.max_queued_bytes = config.max_export_queue_bytes;
  batching.separator = ",";
  loki_->Batch(std::move(batching));
  export_metrics_.Show("loki", loki_->counts);
}

void TelemetryStack::StartZipkin(const ObservabilityConfig& config) {
  zipkin_ = std::make_unique<ExporterLine>();
  exporters::HttpWriter::Options options;
  options.url = config.zipkin.url;
  options.before = exporters::kZipkinBefore;
  options.after = exporters::kZipkinAfter;
  options.timeout = config.zipkin.timeout;
  zipkin_->writer = std::make_unique<exporters::HttpWriter>(
      std::move(options), Sender(config), zipkin_->counts, Report(*console_, "zipkin"));
  exporters::Batcher::Options batching;
  batching.max_queued_bytes = config.max_export_queue_bytes;
  batching.separator = ",";
  zipkin_->Batch(std::move(batching));
  spans_ = std::make_unique<exporters::ZipkinSink>(*zipkin_->batcher, config.app_name);
  export_metrics_.Show("zipkin", zipkin_->counts);
}

TelemetryStack::~TelemetryStack() { Stop(); }

absl::StatusOr<std::unique_ptr<telemetry::MetricsEndpoint>> TelemetryStack::StartEndpoint(
    const ObservabilityConfig::Prometheus& config) const {
  if (!config.enabled) return nullptr;
  return telemetry::MetricsEndpoint::Start(config.endpoint, registry_.collectable());
}

void TelemetryStack::Stop() {
  if (zipkin_ != nullptr) zipkin_->Stop(kFlush);
  if (loki_ != nullptr) loki_->Stop(kFlush);
  // Last: the others may have had something to say.
  stdout_->Stop(kFlush);
}

}  // namespace muster::app
