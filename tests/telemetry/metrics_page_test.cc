#include <chrono>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "net/server/http_server.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "telemetry/access_metrics.h"
#include "telemetry/call_metrics.h"
#include "telemetry/exporters/export_metrics.h"
#include "telemetry/lobby_metrics.h"
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

Series SeriesIn(const MetricRegistry& registry) {
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

Series SeriesOfTheMatchFunction() {
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
  return SeriesIn(registry);
}

Series SeriesOfTheLobby() {
  MetricRegistry registry("p");
  LobbyMetrics metrics(registry, {"too_slow"});
  metrics.CallEnded("request", 202, std::chrono::nanoseconds(1));
  metrics.Trouble("store");
  return SeriesIn(registry);
}

std::string ReadPage() {
  std::ifstream file(MUSTER_SOURCE_DIR "/docs/metrics.md");
  EXPECT_TRUE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The page up to the lobby's section, and that section.
std::vector<std::string> Sections() {
  return absl::StrSplit(ReadPage(), absl::MaxSplits("\n## The lobby\n", 1));
}

Series SeriesIn(const std::string& text) {
  Series series;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    const bool is_row = cells.size() >= 4 &&
                        (cells[1] == "counter" || cells[1] == "gauge" || cells[1] == "histogram");
    if (!is_row) continue;
    const absl::string_view name = absl::StripSuffix(absl::StripPrefix(cells[0], "| `"), "`");
    series.insert(absl::StrCat(name, " ", cells[1], " ", cells[2]));
  }
  return series;
}

TEST(MetricsPage, ListsExactlyTheSeriesThatTheMatchFunctionServes) {
  EXPECT_EQ(SeriesIn(Sections().front()), SeriesOfTheMatchFunction());
}

TEST(MetricsPage, ListsExactlyTheSeriesThatTheLobbyServes) {
  EXPECT_EQ(SeriesIn(Sections().back()), SeriesOfTheLobby());
}

TEST(MetricsPage, ListsEveryLimit) {
  for (size_t i = 0; i < kLimits; ++i) {
    const std::string name(LimitName(static_cast<Limit>(i)));
    EXPECT_THAT(ReadPage(), testing::HasSubstr("`" + name + "`"));
  }
}

TEST(MetricsPage, ListsEveryReasonToTurnAConnectionAway) {
  for (size_t i = 0; i < net::server::kRefusals; ++i) {
    const std::string name(net::server::RefusalName(static_cast<net::server::Refusal>(i)));
    EXPECT_THAT(Sections().back(), testing::HasSubstr("`" + name + "`"));
  }
}

}  // namespace
}  // namespace muster::telemetry
