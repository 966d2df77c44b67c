#pragma once

#include <memory>
#include <string>

#include "telemetry/exporters/export_counts.h"
#include "telemetry/metric_registry.h"

namespace muster::telemetry::exporters {

// The series of all exporters, one label value each.
class ExportMetrics {
 public:
  // `registry` outlives the object.
  explicit ExportMetrics(MetricRegistry& registry);
  ~ExportMetrics();
  ExportMetrics(const ExportMetrics&) = delete;
  ExportMetrics& operator=(const ExportMetrics&) = delete;

  // Shows an exporter's account at each scrape. `counts` outlives the last scrape.
  void Show(const std::string& exporter, const ExportCounts& counts);

 private:
  struct Families;
  MetricRegistry& registry_;
  const std::unique_ptr<Families> families_;
};

}  // namespace muster::telemetry::exporters
