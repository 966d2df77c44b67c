#include "match/logic_cache.h"

#include <atomic>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::match {
namespace {

using support::IsOk;
using support::StatusIs;

class IdleLogic final : public MatchLogic {
 public:
  std::unique_ptr<MatchRun> StartMatches(const RunContext&, MatchSink&) const override {
    return nullptr;
  }
};

class LogicCacheTest : public testing::Test {
 protected:
  std::shared_ptr<const MatchLogic> Get(std::string_view rules) {
    return cache_.Get(rules).value_or(nullptr);
  }
  absl::Status GetStatus(std::string_view rules) { return cache_.Get(rules).status(); }
  // Rules that nothing else in the test uses.
  static std::string Rules(size_t number) { return "rules " + std::to_string(number); }
  int made() const { return made_; }

 private:
  absl::StatusOr<std::shared_ptr<const MatchLogic>> Make(std::string_view rules,
                                                         const LogicOptions& options) {
    ++made_;
    EXPECT_EQ(options.max_rules_depth, 5);
    if (rules == "bad") return absl::InvalidArgumentError("rules: bad");
    return std::make_shared<const IdleLogic>();
  }

  std::atomic<int> made_ = 0;
  LogicCache cache_{
      [this](std::string_view rules, const LogicOptions& options) { return Make(rules, options); },
      LogicOptions{.default_regions = {}, .max_rules_depth = 5}};
};

TEST_F(LogicCacheTest, TheSameRulesGiveTheSameLogic) {
  const auto first = Get("rules");

  EXPECT_EQ(Get("rules"), first);
  EXPECT_EQ(made(), 1);
}

TEST_F(LogicCacheTest, OtherRulesGiveAnotherLogic) {
  EXPECT_NE(Get("rules"), Get("rules "));
  EXPECT_NE(Get(""), Get("rules"));
}

TEST_F(LogicCacheTest, ErrorsAreNotRemembered) {
  EXPECT_THAT(GetStatus("bad"), StatusIs(absl::StatusCode::kInvalidArgument, "rules: bad"));
  EXPECT_THAT(GetStatus("bad"), StatusIs(absl::StatusCode::kInvalidArgument, "rules: bad"));

  EXPECT_EQ(made(), 2);
}

TEST_F(LogicCacheTest, RemembersAsManyAsItMay) {
  for (size_t i = 0; i < LogicCache::kMaxEntries; ++i) Get(Rules(i));
  const int before = made();

  for (size_t i = 0; i < LogicCache::kMaxEntries; ++i) Get(Rules(i));

  EXPECT_EQ(made(), before);
}

TEST_F(LogicCacheTest, PastItsBoundEverythingIsForgotten) {
  for (size_t i = 0; i <= LogicCache::kMaxEntries; ++i) Get(Rules(i));
  const int before = made();

  Get(Rules(LogicCache::kMaxEntries));
  EXPECT_EQ(made(), before);
  Get(Rules(0));
  EXPECT_EQ(made(), before + 1);
}

TEST_F(LogicCacheTest, LongRulesAreNeverKept) {
  const std::string longest_kept(LogicCache::kMaxCachedBytes, ' ');
  const std::string too_long(LogicCache::kMaxCachedBytes + 1, ' ');

  EXPECT_EQ(Get(longest_kept), Get(longest_kept));
  EXPECT_NE(Get(too_long), Get(too_long));
}

TEST_F(LogicCacheTest, ALogicOutlivesItsPlaceInTheCache) {
  const auto logic = Get("rules");

  for (size_t i = 0; i < 2 * LogicCache::kMaxEntries; ++i) Get(Rules(i));

  EXPECT_EQ(logic.use_count(), 1);
}

TEST_F(LogicCacheTest, ServesManyThreadsAtOnce) {
  const auto get_many = [this] {
    for (size_t i = 0; i < 1000; ++i) {
      EXPECT_NE(Get(Rules(i % (2 * LogicCache::kMaxEntries))), nullptr);
      EXPECT_FALSE(GetStatus("bad").ok());
    }
  };

  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(get_many);
  for (std::thread& thread : threads) thread.join();

  EXPECT_THAT(GetStatus("rules"), IsOk());
}

}  // namespace
}  // namespace muster::match
