#pragma once

#include <string>

#include "gtest/gtest.h"
#include "prometheus/collectable.h"
#include "prometheus/text_serializer.h"
#include "telemetry/metric_registry.h"

namespace muster::telemetry {

// The page that Prometheus reads.
inline std::string Scrape(const MetricRegistry& registry) {
  return prometheus::TextSerializer().Serialize(registry.collectable()->Collect());
}

// Whether the page has this line.
inline testing::AssertionResult Shows(const MetricRegistry& registry, const std::string& line) {
  const std::string page = "\n" + Scrape(registry);
  if (page.find("\n" + line + "\n") != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no line `" << line << "` in" << page;
}

}  // namespace muster::telemetry
