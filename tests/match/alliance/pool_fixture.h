#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "match/alliance/legality.h"
#include "match/alliance/match_terms.h"
#include "match/alliance/ruleset_parser.h"

// Tickets in a pool under a ruleset, for tests of the parts of the matcher.
namespace muster::match::alliance {

// What a test says of a ticket; the rest is as for a single player who has just come.
struct PoolSpec {
  int64_t age_ms = 0;
  // The attribute `mmr` of each player.
  std::vector<double> ratings = {0};
  std::vector<Object::Entry> attributes = {};
  std::vector<Latency> latencies = {};
  int32_t priority = 0;
  // Ids of the players; none: made up.
  std::vector<std::string> players = {};
  // The attribute `role` of all players, if any.
  std::string role = {};
};

class PoolFixture {
 protected:
  static constexpr base::Timestamp kNow{std::chrono::milliseconds(1'700'000'000'500)};

  PoolFixture() { UseRules("2,2,1,1"); }

  // Starts anew. `alliance` says "min_number,max_number,player_min_number,player_max_number",
  // `more` holds further keys.
  void UseRules(std::string_view alliance, std::string_view more = "") {
    const std::vector<std::string> numbers = absl::StrSplit(base::ToAbsl(alliance), ',');
    absl::StatusOr<Ruleset> rules =
        ParseRuleset(base::StrCat(R"({"alliance":{"min_number":)", numbers.at(0),
                                  R"(,"max_number":)", numbers.at(1), R"(,"player_min_number":)",
                                  numbers.at(2), R"(,"player_max_number":)", numbers.at(3), roles_,
                                  "}", more.empty() ? "" : ",", more, "}"),
                     options_);
    ASSERT_TRUE(rules.ok()) << rules.status().ToString();
    legality_.reset();
    pool_.reset();
    rules_ = *std::move(rules);
    flex_.emplace(rules_);
    alliances_.emplace(rules_);
    traits_.emplace(rules_, options_.any_options_all_common, options_.empty_options_count);
    pool_.emplace(rules_, *flex_, &*traits_, kNow);
    legality_.emplace(rules_, *flex_, *pool_);
  }

  Slot Add(const PoolSpec& spec = {}) {
    Ticket ticket;
    ticket.created_at = kNow - std::chrono::milliseconds(spec.age_ms);
    ticket.attributes = Object(spec.attributes);
    ticket.latencies = spec.latencies;
    ticket.priority = spec.priority;
    const size_t players = spec.players.empty() ? spec.ratings.size() : spec.players.size();
    for (size_t i = 0; i < players; ++i) {
      Player& player = ticket.players.emplace_back();
      player.id = spec.players.empty() ? base::StrCat("u", pool_->size(), "-", i) : spec.players[i];
      if (i < spec.ratings.size()) player.attributes.Set("mmr", spec.ratings[i]);
      if (!spec.role.empty()) player.attributes.Set("role", spec.role);
    }
    return pool_->Add(ticket);
  }

  // A party of so many players.
  Slot AddParty(size_t players, int64_t age_ms) {
    return Add({.age_ms = age_ms, .ratings = std::vector<double>(players, 0)});
  }

  // The terms of the oldest ticket in the region of this name; none: nowhere.
  MatchTerms Terms(Slot oldest, std::string_view region = "") const {
    const RegionId id = region.empty() ? kNoRegion : pool_->FindRegion(region);
    return {&alliances_->At((*pool_)[oldest].age_ms, std::nullopt), id, std::nullopt};
  }
  Obstacle LetsIn(Slot oldest, Slot other, std::string_view region = "") const {
    return legality_->LetsIn(oldest, other, Terms(oldest, region));
  }
  // Judges a match of these teams, the first ticket being the oldest.
  Obstacle Check(const std::vector<std::vector<Slot>>& teams, std::string_view region = "") const {
    const Slot oldest = teams.at(0).at(0);
    return legality_->Check({Terms(oldest, region), oldest, teams});
  }

  // Take effect with the next UseRules.
  LogicOptions options_;
  // Further keys of the alliance, with a comma in front.
  std::string roles_;

  Ruleset rules_;
  std::optional<MatchingFlex> flex_;
  std::optional<Alliances> alliances_;
  std::optional<TraitsTable> traits_;
  std::optional<TicketPool> pool_;
  std::optional<Legality> legality_;
};

inline std::ostream& operator<<(std::ostream& out, Obstacle obstacle) {
  return out << ObstacleName(obstacle);
}

inline std::string MmrRule(int reference, std::string_view more = "") {
  return base::StrCat(R"("matching_rule":[{"attribute":"mmr","criteria":"distance","reference":)",
                      reference, more, "}]");
}

inline std::string OneOption(std::string_view name, std::string_view type) {
  return base::StrCat(R"("match_options":{"options":[{"name":")", name, R"(","type":")", type,
                      R"("}]})");
}

}  // namespace muster::match::alliance
