#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "match/alliance/alliance_logic.h"
#include "tests/support/match_driver.h"

// Pools that once made a tick take seconds or minutes, or broke what it promises. They end at once
// or, where a clock is given, when it says so; else the test's time limit ends them.
namespace muster::match::alliance {
namespace {

using base::StrCat;
using std::chrono::milliseconds;
using support::MatchDriver;

constexpr base::Timestamp kNow{milliseconds(1'700'000'000'000)};

// Says after so many questions that an hour has gone by.
class SuddenClock final : public base::Clock {
 public:
  explicit SuddenClock(int questions) : left_(questions) {}
  base::PreciseTimestamp PreciseNow() const override { return {}; }
  base::MonotonicTime MonotonicNow() const override {
    return base::MonotonicTime(left_-- > 0 ? std::chrono::hours(0) : std::chrono::hours(1));
  }

 private:
  mutable int left_;
};

std::shared_ptr<const MatchLogic> Logic(const std::string& rules,
                                        Profile profile = Profile::kCore) {
  LogicOptions options;
  options.profile = profile;
  return MakeAllianceLogic(rules, options).value();
}

std::string Rules(int teams, int players, const std::string& more) {
  return StrCat(R"({"alliance":{"min_number":2,"max_number":)", teams, R"(,"player_min_number":)",
                players, R"(,"player_max_number":)", players, "}", more, "}");
}

const std::string kDistance =
    R"(,"matching_rule":[{"attribute":"mmr","criteria":"distance","reference":100}])";
const std::string kQuality = R"(,"strategy":"quality")";

Ticket Waiting(int number, int players, double rating, int64_t age_ms) {
  Ticket ticket;
  ticket.id = StrCat("t", number);
  ticket.created_at = kNow - milliseconds(age_ms);
  for (int i = 0; i < players; ++i) {
    ticket.players.push_back({StrCat(ticket.id, "-", i), Object({{"mmr", rating}})});
  }
  return ticket;
}

size_t Matched(const MatchDriver& driver) {
  size_t tickets = 0;
  for (const auto& match : driver.matched()) tickets += match.size();
  return tickets;
}

TEST(HostilePoolsTest, NumbersThatAreNoNumbersAreOneValue) {
  MatchDriver driver(*Logic(Rules(2, 1, "")), {.now = kNow});

  for (int i = 0; i < 30'000; ++i) {
    Ticket ticket = Waiting(i, 1, 0, i);
    ticket.attributes.Set("x", std::nan(""));
    driver.Add(ticket);
  }
  driver.Finish();

  EXPECT_EQ(Matched(driver), 30'000u);
}

TEST(HostilePoolsTest, OneMatchOfAllTicketsIsMade) {
  MatchDriver driver(*Logic(R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":1,
                                            "player_max_number":20000}})"),
                     {.now = kNow});

  for (int i = 0; i < 40'000; ++i) driver.Add(Waiting(i, 1, 0, i));
  driver.Finish();

  EXPECT_EQ(driver.matches().size(), 1u);
  EXPECT_EQ(Matched(driver), 40'000u);
}

TEST(HostilePoolsTest, LargePartiesAreComparedOnce) {
  MatchDriver driver(*Logic(Rules(2, 5000, "")), {.now = kNow});

  for (int i = 0; i < 40; ++i) driver.Add(Waiting(i, 5000, 0, i));
  driver.Finish();

  EXPECT_EQ(Matched(driver), 40u);
}

TEST(HostilePoolsTest, LongListsOfValuesAreCounted) {
  MatchDriver driver(*Logic(Rules(2, 50, R"(,"match_options":{"options":[{"name":"maps","type":
                                             "all"}]})")),
                     {.now = kNow});
  List maps;
  for (int i = 0; i < 4000; ++i) maps.push_back(Value(StrCat("map", i)));

  for (int i = 0; i < 200; ++i) {
    Ticket ticket = Waiting(i, 1, 0, i);
    ticket.attributes.Set("maps", maps);
    driver.Add(ticket);
  }
  driver.Finish();

  EXPECT_EQ(Matched(driver), 200u);
}

TEST(HostilePoolsTest, LongListsOfRolesAreCutOff) {
  const std::string rules =
      R"({"alliance":{"min_number":2,"max_number":2,"player_min_number":1,"player_max_number":1,
          "combination":{"has_combination":true,"alliances":[[{"name":"r0","min":1,"max":1}]]}}})";
  MatchDriver driver(*Logic(rules, Profile::kHosted), {.now = kNow});
  List roles;
  for (int i = 0; i < 60'000; ++i) roles.push_back(Value(StrCat("r", i)));

  for (int i = 0; i < 2; ++i) {
    Ticket ticket = Waiting(i, 1, 0, i);
    ticket.players.front().attributes.Set("role", roles);
    driver.Add(ticket);
  }
  driver.Finish();

  EXPECT_EQ(Matched(driver), 2u);
}

TEST(HostilePoolsTest, MatchesOfAnyNumberOfTeamsDoNotTryAllNumbers) {
  MatchDriver driver(*Logic(Rules(2147483647, 1, kDistance + kQuality)), {.now = kNow});

  for (int i = 0; i < 2000; ++i) driver.Add(Waiting(i, 1, 200.0 * i, i));
  driver.Finish();

  EXPECT_EQ(Matched(driver), 0u);
}

// Wherever the time runs out, quality ends, and still matches what oldest_first got to.
TEST(HostilePoolsTest, QualityEndsWhenTheTimeDoes) {
  for (const int questions : {1, 2, 3, 4, 6, 8, 12, 16, 32, 64}) {
    const SuddenClock clock(questions);
    MatchDriver driver(*Logic(Rules(2, 5, kDistance + kQuality)), {.now = kNow, .clock = &clock});

    for (int i = 0; i < 6000; ++i) driver.Add(Waiting(i, i % 3 + 1, i % 700, i * 7919 % 10'000));
    driver.Finish();

    EXPECT_LE(Matched(driver) + driver.out_of_time(), 6000u) << questions;
    EXPECT_GT(Matched(driver) + driver.out_of_time(), 0u) << questions;
  }
}

TEST(HostilePoolsTest, QualityKeepsAPromiseThatOnlyAnOlderTicketsAllianceAllows) {
  const std::string rules = Rules(2, 1, StrCat(R"(,"alliance_flexing_rule":[{"duration":5,
      "min_number":2,"max_number":2,"player_min_number":1,"player_max_number":2}])"));
  for (const std::string& strategy : {std::string(), kQuality}) {
    std::string text = rules;
    text.insert(text.size() - 1, strategy);
    MatchDriver driver(*Logic(text), {.now = kNow});

    driver.Add(Waiting(0, 1, 0, 9000));
    driver.Add(Waiting(1, 2, 0, 1000));
    driver.Finish();

    EXPECT_EQ(Matched(driver), 2u) << text;
  }
}

TEST(HostilePoolsTest, TimesBeyondAllReasonHaveAnAge) {
  MatchDriver driver(*Logic(Rules(2, 1, "")), {.now = kNow});
  for (const base::Timestamp time : {base::Timestamp::min(), base::Timestamp::max()}) {
    Ticket ticket = Waiting(time < kNow ? 0 : 1, 1, 0, 0);
    ticket.created_at = time;
    driver.Add(ticket);
  }

  driver.Finish();

  EXPECT_EQ(Matched(driver), 2u);
}

}  // namespace
}  // namespace muster::match::alliance
