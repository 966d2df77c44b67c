#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "telemetry/access_metrics.h"
#include "telemetry/call_metrics.h"
#include "telemetry/exporters/export_metrics.h"
#include "telemetry/match_metrics.h"
#include "telemetry/metric_registry.h"
#include "telemetry/process_metrics.h"

namespace muster::telemetry {
namespace {

// Names, types and labels, one series a line.
using Series = std::set<std::string>;

std::string TypeName(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    default:
      return "unknown";
  }
}

// The page leaves our prefix out.
std::string NameInPage(const std::string& name) {
  return std::string(absl::StripPrefix(name, "p_"));
}

Series SeriesInCode() {
  MetricRegistry registry("p");
  ShowProcess(registry, "0");
  const CallMetrics calls(registry);
  const AccessMetrics access(registry, {"allowed"});
  exporters::ExportCounts counts;
  exporters::ExportMetrics exports(registry);
  exports.Show("loki", counts);
  MatchMetrics metrics(registry);
  metrics.TicketLeftOut(Method::kMakeMatches, "too_large");
  metrics.TicketInvalid("no_players");
  Series series;
  for (const prometheus::MetricFamily& family : registry.collectable()->Collect()) {
    std::string labels;
    for (const auto& label : family.metric.at(0).label) {
      labels += (labels.empty() ? "" : ", ") + ("`" + label.name + "`");
    }
    series.insert(NameInPage(family.name) + " " + TypeName(family.type) + " " +
                  (labels.empty() ? "-" : labels));
  }
  return series;
}

Series SeriesInPage() {
  std::ifstream file(MUSTER_SOURCE_DIR "/docs/metrics.md");
  EXPECT_TRUE(file.good());
  Series series;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    const bool is_row = cells.size() >= 4 &&
                        (cells[1] == "counter" || cells[1] == "gauge" || cells[1] == "histogram");
    if (!is_row) continue;
    const absl::string_view name = absl::StripSuffix(absl::StripPrefix(cells[0], "| `"), "`");
    series.insert(absl::StrCat(name, " ", cells[1], " ", cells[2]));
  }
  return series;
}

TEST(MetricsPage, ListsExactlyTheSeriesThatTheCodeServes) {
  EXPECT_EQ(SeriesInPage(), SeriesInCode());
}

TEST(MetricsPage, ListsEveryLimit) {
  std::ifstream file(MUSTER_SOURCE_DIR "/docs/metrics.md");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());

  for (size_t i = 0; i < kLimits; ++i) {
    const std::string name(LimitName(static_cast<Limit>(i)));
    EXPECT_THAT(text, testing::HasSubstr("`" + name + "`"));
  }
}

}  // namespace
}  // namespace muster::telemetry
