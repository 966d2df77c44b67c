#include "telemetry/metric_registry.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "prometheus/collectable.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace muster::telemetry {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

class MetricRegistry::Series final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    {
      // Held while they run: once the hooks are cleared, none is under way.
      base::MutexLock lock(&mu_);
      for (const std::function<void()>& refresh : refreshes_) refresh();
    }
    return registry.Collect();
  }

  void OnScrape(std::function<void()> refresh) {
    base::MutexLock lock(&mu_);
    refreshes_.push_back(std::move(refresh));
  }

  void StopRefreshing() {
    base::MutexLock lock(&mu_);
    refreshes_.clear();
  }

  prometheus::Registry registry;

 private:
  mutable base::Mutex mu_;
  std::vector<std::function<void()>> refreshes_ ABSL_GUARDED_BY(mu_);
};

MetricRegistry::MetricRegistry(std::string prefix)
    : prefix_(std::move(prefix)), series_(std::make_shared<Series>()) {}

MetricRegistry::~MetricRegistry() { series_->StopRefreshing(); }

Family<Counter>& MetricRegistry::Counters(std::string_view name, const std::string& help) {
  return SharedCounters(base::StrCat(prefix_, "_", name), help);
}

Family<Gauge>& MetricRegistry::Gauges(std::string_view name, const std::string& help) {
  return prometheus::BuildGauge()
      .Name(base::StrCat(prefix_, "_", name))
      .Help(help)
      .Register(series_->registry);
}

Family<Histogram>& MetricRegistry::Histograms(std::string_view name, const std::string& help) {
  return SharedHistograms(base::StrCat(prefix_, "_", name), help);
}

Family<Counter>& MetricRegistry::SharedCounters(const std::string& name, const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(series_->registry);
}

Family<Histogram>& MetricRegistry::SharedHistograms(const std::string& name,
                                                    const std::string& help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(series_->registry);
}

Counter& MetricRegistry::OneCounter(std::string_view name, const std::string& help) {
  return Counters(name, help).Add({});
}

Gauge& MetricRegistry::OneGauge(std::string_view name, const std::string& help) {
  return Gauges(name, help).Add({});
}

void MetricRegistry::OnScrape(std::function<void()> refresh) {
  series_->OnScrape(std::move(refresh));
}

std::shared_ptr<prometheus::Collectable> MetricRegistry::collectable() const { return series_; }

}  // namespace muster::telemetry
