#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
template <typename T>
class Family;
class Collectable;
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace muster::telemetry {

// All series of a program. Thread-safe.
class MetricRegistry {
 public:
  // `prefix` is a valid metric name; it and `_` stand before the names of our own series.
  explicit MetricRegistry(std::string prefix);
  ~MetricRegistry();
  MetricRegistry(const MetricRegistry&) = delete;
  MetricRegistry& operator=(const MetricRegistry&) = delete;

  // Families of our own.
  prometheus::Family<prometheus::Counter>& Counters(std::string_view name, const std::string& help);
  prometheus::Family<prometheus::Gauge>& Gauges(std::string_view name, const std::string& help);
  prometheus::Family<prometheus::Histogram>& Histograms(std::string_view name,
                                                        const std::string& help);

  // Families whose names other systems rely on; they carry no prefix.
  prometheus::Family<prometheus::Counter>& SharedCounters(const std::string& name,
                                                          const std::string& help);
  prometheus::Family<prometheus::Histogram>& SharedHistograms(const std::string& name,
                                                              const std::string& help);

  // Series without labels.
  prometheus::Counter& OneCounter(std::string_view name, const std::string& help);
  prometheus::Gauge& OneGauge(std::string_view name, const std::string& help);

  // `refresh` is called before each scrape, on the scraping thread, for values that are looked up
  // rather than counted. What it uses outlives the last scrape.
  void OnScrape(std::function<void()> refresh);

  // What the endpoint serves. Lives on after the registry, and then runs no more refreshes.
  std::shared_ptr<prometheus::Collectable> collectable() const;

 private:
  class Series;
  const std::string prefix_;
  const std::shared_ptr<Series> series_;
};

}  // namespace muster::telemetry
