#include "telemetry/exporters/export_metrics.h"

#include <array>
#include <memory>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace muster::telemetry::exporters {
namespace {

// Counters only grow; the account is the truth.
void CatchUp(prometheus::Counter& counter, const std::atomic<int64_t>& account) {
  const auto total = static_cast<double>(account.load(std::memory_order_relaxed));
  if (total > counter.Value()) counter.Increment(total - counter.Value());
}

}  // namespace

struct ExportMetrics::Families {
  explicit Families(MetricRegistry& registry)
      : sent(registry.Counters("exporter_records_sent_total",
                               "Log lines or spans that their backend took.")),
        dropped(registry.Counters("exporter_records_dropped_total",
                                  "Log lines or spans that did not reach it, by reason.")),
        failed(registry.Counters("exporter_failed_attempts_total",
                                 "Attempts to send a batch that failed.")),
        queued(registry.Gauges("exporter_queued_bytes", "What waits to be sent.")) {}

  prometheus::Family<prometheus::Counter>& sent;
  prometheus::Family<prometheus::Counter>& dropped;
  prometheus::Family<prometheus::Counter>& failed;
  prometheus::Family<prometheus::Gauge>& queued;
};

ExportMetrics::ExportMetrics(MetricRegistry& registry)
    : registry_(registry), families_(std::make_unique<Families>(registry)) {}

ExportMetrics::~ExportMetrics() = default;

void ExportMetrics::Show(const std::string& exporter, const ExportCounts& counts) {
  const prometheus::Labels labels = {{"exporter", exporter}};
  std::array<prometheus::Counter*, kDropReasons> dropped{};
  for (size_t i = 0; i < kDropReasons; ++i) {
    prometheus::Labels with_reason = labels;
    with_reason["reason"] = std::string(DropReasonName(static_cast<DropReason>(i)));
    dropped[i] = &families_->dropped.Add(with_reason);
  }
  registry_.OnScrape([&counts, dropped, &sent = families_->sent.Add(labels),
                      &failed = families_->failed.Add(labels),
                      &queued = families_->queued.Add(labels)] {
    CatchUp(sent, counts.sent);
    CatchUp(failed, counts.failed_attempts);
    for (size_t i = 0; i < kDropReasons; ++i) CatchUp(*dropped[i], counts.dropped[i]);
    queued.Set(static_cast<double>(counts.queued_bytes.load(std::memory_order_relaxed)));
  });
}

}  // namespace muster::telemetry::exporters
