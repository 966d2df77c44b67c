#include "telemetry/metric_registry.h"

#include <memory>

#include "gtest/gtest.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "telemetry/access_metrics.h"
#include "telemetry/process_metrics.h"
#include "tests/telemetry/scrape.h"

namespace muster::telemetry {
namespace {

TEST(MetricRegistry, PutsThePrefixBeforeItsOwnSeriesOnly) {
  MetricRegistry registry("own");
  registry.OneCounter("calls_total", "help").Increment(2);
  registry.SharedCounters("shared_total", "help").Add({}).Increment(3);

  EXPECT_TRUE(Shows(registry, "own_calls_total 2"));
  EXPECT_TRUE(Shows(registry, "shared_total 3"));
}

TEST(MetricRegistry, RefreshesBeforeEachScrape) {
  MetricRegistry registry("own");
  auto& gauge = registry.OneGauge("looked_up", "help");
  int looks = 0;
  registry.OnScrape([&] { gauge.Set(++looks); });

  EXPECT_TRUE(Shows(registry, "own_looked_up 1"));
  EXPECT_TRUE(Shows(registry, "own_looked_up 2"));
}

TEST(MetricRegistry, RefreshesNothingOnceItIsGone) {
  int looks = 0;
  auto registry = std::make_unique<MetricRegistry>("own");
  registry->OnScrape([&looks] { ++looks; });
  const auto collectable = registry->collectable();

  registry.reset();
  collectable->Collect();

  EXPECT_EQ(looks, 0);
}

TEST(AccessMetrics, StartOffWithEveryVerdictAtZero) {
  MetricRegistry registry("own");
  const AccessMetrics metrics(registry, {"allowed", "expired"});

  EXPECT_TRUE(Shows(registry, "own_auth_enabled 0"));
  EXPECT_TRUE(Shows(registry, "own_auth_ready 0"));
  EXPECT_TRUE(Shows(registry, "own_auth_verdicts_total{verdict=\"expired\"} 0"));
}

TEST(AccessMetrics, ShowTheStateAsItIsWhenRead) {
  MetricRegistry registry("own");
  AccessMetrics metrics(registry, {"allowed", "expired"});
  AccessGauges state{true, 7.5, 8.5, 3, 2};
  metrics.ShowEnabled([&state] { return state; });
  metrics.CountVerdict(1);

  EXPECT_TRUE(Shows(registry, "own_auth_enabled 1"));
  EXPECT_TRUE(Shows(registry, "own_auth_ready 1"));
  EXPECT_TRUE(Shows(registry, "own_auth_keys_age_seconds 7.5"));
  EXPECT_TRUE(Shows(registry, "own_auth_revocations_age_seconds 8.5"));
  EXPECT_TRUE(Shows(registry, "own_auth_cached_tokens 3"));
  EXPECT_TRUE(Shows(registry, "own_auth_waiting_calls 2"));
  EXPECT_TRUE(Shows(registry, "own_auth_verdicts_total{verdict=\"expired\"} 1"));
  state.keys_age_seconds = 9;
  EXPECT_TRUE(Shows(registry, "own_auth_keys_age_seconds 9"));
}

// The value of a series without labels; -1 when the page does not have it.
double ValueOf(const MetricRegistry& registry, const std::string& name) {
  const std::string page = "\n" + Scrape(registry);
  const size_t at = page.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

TEST(ShowProcess, ShowsWhatThisProcessUses) {
  MetricRegistry registry("own");
  ShowProcess(registry, "1.2");

  EXPECT_TRUE(Shows(registry, "own_build_info{version=\"1.2\"} 1"));
  EXPECT_GT(ValueOf(registry, "own_process_resident_memory_bytes"), 1024 * 1024);
  EXPECT_GT(ValueOf(registry, "own_process_virtual_memory_bytes"),
            ValueOf(registry, "own_process_resident_memory_bytes"));
  EXPECT_GE(ValueOf(registry, "own_process_threads"), 1);
  EXPECT_GE(ValueOf(registry, "own_process_open_fds"), 3);
  EXPECT_GT(ValueOf(registry, "own_process_max_fds"), ValueOf(registry, "own_process_open_fds"));
  EXPECT_GE(ValueOf(registry, "own_process_cpu_seconds_total"), 0);
  // Some time after this was written.
  EXPECT_GT(ValueOf(registry, "own_process_start_time_seconds"), 1.7e9);
}

}  // namespace
}  // namespace muster::telemetry
