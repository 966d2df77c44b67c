// A match function of your own, whole: duels between players of nearly the same rating.
//
// Rules: {"max_gap": 100}. docs/custom-logic.md walks through this file.

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/matchfunction_app.h"
#include "base/status_macros.h"
#include "match/logic_registry.h"
#include "match/match_logic.h"
#include "match/rules_json.h"

namespace {

namespace match = muster::match;

// Two ratings may be this far apart when the rules do not say.
constexpr int64_t kDefaultGap = 100;

struct Waiting {
  double rating = 0;
  match::TicketIndex ticket = 0;
};

// One tick: collect the tickets, sort them by rating, pair neighbours.
class DuelRun final : public match::MatchRun {
 public:
  DuelRun(double max_gap, const match::RunContext& context, match::MatchSink& sink)
      : max_gap_(max_gap), ids_(context.id_seed), sink_(sink) {}

  std::optional<match::LeftOut> AddTicket(const match::Ticket& ticket) override {
    if (ticket.players.size() != 1) return match::LeftOut::kTooLarge;
    const match::Value* const value = ticket.players[0].attributes.Find("rating");
    const double* const rating = value == nullptr ? nullptr : value->number();
    // The wire allows NaN, and sorting does not.
    if (rating == nullptr || !std::isfinite(*rating)) return match::LeftOut::kRefusedByLogic;
    waiting_.push_back({*rating, next_ticket_++});
    return std::nullopt;
  }

  void Finish() override {
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Waiting& a, const Waiting& b) { return a.rating < b.rating; });
    for (size_t i = 1; i < waiting_.size(); ++i) {
      if (waiting_[i].rating - waiting_[i - 1].rating > max_gap_) continue;
      EmitDuel(waiting_[i - 1], waiting_[i]);
      ++i;
    }
  }

 private:
  void EmitDuel(const Waiting& a, const Waiting& b) {
    match::Match duel;
    duel.teams.push_back({ids_.Next(), {a.ticket}});
    duel.teams.push_back({ids_.Next(), {b.ticket}});
    duel.region_preferences = {"us-east-2"};
    sink_.Emit(std::move(duel));
  }

  const double max_gap_;
  muster::base::IdGenerator ids_;
  match::MatchSink& sink_;
  match::TicketIndex next_ticket_ = 0;
  std::vector<Waiting> waiting_;
};

class DuelLogic final : public match::MatchLogic {
 public:
  explicit DuelLogic(double max_gap) : max_gap_(max_gap) {}

  std::vector<std::string> StatCodes() const override { return {"rating"}; }

  std::optional<match::InvalidTicket> ValidateTicket(const match::Ticket& ticket) const override {
    if (auto invalid = match::ValidatePlayers(ticket)) return invalid;
    if (ticket.players.size() == 1) return std::nullopt;
    return match::InvalidTicket{"too_large", "a duel is between single players"};
  }

  std::unique_ptr<match::MatchRun> StartMatches(const match::RunContext& context,
                                                match::MatchSink& sink) const override {
    return std::make_unique<DuelRun>(max_gap_, context, sink);
  }

 private:
  const double max_gap_;
};

// Reads the rules; an error here is what the caller sees as INVALID_ARGUMENT.
absl::StatusOr<std::shared_ptr<const match::MatchLogic>> MakeDuelLogic(
    std::string_view rules_json, const match::LogicOptions& options) {
  MUSTER_ASSIGN_OR_RETURN(const auto json, match::ParseRulesJson(rules_json, options));
  MUSTER_ASSIGN_OR_RETURN(const int64_t gap, match::RulesReader(json, "").Count("max_gap"));
  return std::make_shared<const DuelLogic>(static_cast<double>(gap == 0 ? kDefaultGap : gap));
}

}  // namespace

int main() {
  match::LogicRegistry logics;
  logics.Register("duel", MakeDuelLogic);
  return muster::app::RunMatchFunction(logics);
}
