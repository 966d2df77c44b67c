#pragma once

#include <string>

#include "telemetry/metric_registry.h"

namespace muster::telemetry {

// Shows the build's version and, looked up at each scrape, what the process uses: CPU time, memory,
// open files, threads, start time. Source: /proc/self (proc(5)); what cannot be read keeps its last
// value.
void ShowProcess(MetricRegistry& registry, const std::string& version);

}  // namespace muster::telemetry
