#include "telemetry/access_metrics.h"

#include <string>
#include <utility>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace muster::telemetry {

struct AccessMetrics::Series {
  Series(MetricRegistry& registry, const std::vector<std::string_view>& names)
      : enabled(registry.OneGauge("auth_enabled", "1: calls need a token; 0: anybody may call.")),
        ready(registry.OneGauge("auth_ready", "1: keys and revocations have been loaded.")),
        keys_age(registry.OneGauge("auth_keys_age_seconds", "Since IAM's keys were loaded.")),
        revocations_age(registry.OneGauge("auth_revocations_age_seconds",
                                          "Since IAM's revocation list was loaded.")),
        cached(registry.OneGauge("auth_cached_tokens", "Tokens whose verdict is remembered.")),
        waiting(registry.OneGauge("auth_waiting_calls", "Calls that wait for an answer of IAM.")) {
    auto& family = registry.Counters("auth_verdicts_total", "Calls by what their token was worth.");
    for (const std::string_view name : names) {
      verdicts.push_back(&family.Add({{"verdict", std::string(name)}}));
    }
  }

  void Show(const AccessGauges& gauges) const {
    ready.Set(gauges.ready ? 1 : 0);
    keys_age.Set(gauges.keys_age_seconds);
    revocations_age.Set(gauges.revocations_age_seconds);
    cached.Set(gauges.cached_tokens);
    waiting.Set(gauges.waiting_calls);
  }

  prometheus::Gauge& enabled;
  prometheus::Gauge& ready;
  prometheus::Gauge& keys_age;
  prometheus::Gauge& revocations_age;
  prometheus::Gauge& cached;
  prometheus::Gauge& waiting;
  std::vector<prometheus::Counter*> verdicts;
};

AccessMetrics::AccessMetrics(MetricRegistry& registry,
                             const std::vector<std::string_view>& verdicts)
    : registry_(registry), series_(std::make_shared<Series>(registry, verdicts)) {}

AccessMetrics::~AccessMetrics() = default;

void AccessMetrics::CountVerdict(size_t verdict) { series_->verdicts.at(verdict)->Increment(); }

void AccessMetrics::ShowEnabled(std::function<AccessGauges()> look) {
  series_->enabled.Set(1);
  registry_.OnScrape([series = series_, look = std::move(look)] { series->Show(look()); });
}

}  // namespace muster::telemetry
