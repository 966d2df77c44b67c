#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "telemetry/metric_registry.h"

namespace muster::telemetry {

// What a scrape shows of the access control.
struct AccessGauges {
  bool ready = false;
  double keys_age_seconds = 0;
  double revocations_age_seconds = 0;
  double cached_tokens = 0;
  double waiting_calls = 0;
};

// Who was let in. Thread-safe.
class AccessMetrics {
 public:
  // `verdicts` are the values of the label; a verdict is named by its place among them. `registry`
  // outlives the object.
  AccessMetrics(MetricRegistry& registry, const std::vector<std::string_view>& verdicts);
  ~AccessMetrics();
  AccessMetrics(const AccessMetrics&) = delete;
  AccessMetrics& operator=(const AccessMetrics&) = delete;

  void CountVerdict(size_t verdict);

  // From now on calls are checked, and `look` tells the state at each scrape. What it uses outlives
  // the last scrape.
  void ShowEnabled(std::function<AccessGauges()> look);

 private:
  struct Series;
  MetricRegistry& registry_;
  const std::shared_ptr<Series> series_;
};

}  // namespace muster::telemetry
