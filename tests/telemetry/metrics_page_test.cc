#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "telemetry/match_metrics.h"

namespace muster::telemetry {
namespace {

// Names, types and labels, one series a line.
using Series = std::set<std::string>;

std::string TypeName(prometheus::MetricType type) {
  return type == prometheus::MetricType::Counter ? "counter" : "gauge";
}

Series SeriesInCode() {
  MatchMetrics metrics("p", "0");
  metrics.TicketLeftOut(Method::kMakeMatches, "too_large");
  metrics.TicketInvalid("no_players");
  Series series;
  for (const prometheus::MetricFamily& family : metrics.registry()->Collect()) {
    std::string labels;
    for (const auto& label : family.metric.at(0).label) {
      labels += (labels.empty() ? "" : ", ") + ("`" + label.name + "`");
    }
    series.insert(family.name + " " + TypeName(family.type) + " " +
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
    const bool is_row = cells.size() >= 4 && (cells[1] == "counter" || cells[1] == "gauge");
    if (!is_row) continue;
    const absl::string_view name = absl::StripSuffix(absl::StripPrefix(cells[0], "| `"), "`");
    series.insert(absl::StrCat("p_", name, " ", cells[1], " ", cells[2]));
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
