#include "match/alliance/alliance_logic.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/strings.h"
#include "match/alliance/alliance_backfill_run.h"
#include "match/alliance/alliance_match_run.h"
#include "match/alliance/ruleset_parser.h"

namespace muster::match::alliance {
namespace {

bool BlocksOwnPlayer(const Ticket& ticket) {
  const Value* const blocked = ticket.attributes.Find("blocked_players");
  if (blocked == nullptr || blocked->list() == nullptr) return false;
  const List& ids = *blocked->list();
  return std::any_of(ids.begin(), ids.end(), [&](const Value& id) {
    return id.text() != nullptr &&
           std::any_of(ticket.players.begin(), ticket.players.end(),
                       [&](const Player& player) { return player.id == *id.text(); });
  });
}

class AllianceLogic final : public MatchLogic {
 public:
  explicit AllianceLogic(std::shared_ptr<const CompiledRules> rules) : rules_(std::move(rules)) {}

  std::vector<std::string> Remarks() const override { return rules_->rules.remarks; }
  std::vector<std::string> StatCodes() const override { return rules_->rules.StatCodes(); }
  std::optional<InvalidTicket> ValidateTicket(const Ticket& ticket) const override;

  std::unique_ptr<MatchRun> StartMatches(const RunContext& context,
                                         MatchSink& sink) const override {
    return std::make_unique<AllianceMatchRun>(rules_, context, sink);
  }
  std::unique_ptr<BackfillRun> StartBackfill(const RunContext& context,
                                             ProposalSink& sink) const override {
    return std::make_unique<AllianceBackfillRun>(rules_, context, sink);
  }

 private:
  std::optional<InvalidTicket> CheckLatencies(const Ticket& ticket) const;

  const std::shared_ptr<const CompiledRules> rules_;
};

// A cap that no region meets keeps a ticket out of every match for ever.
std::optional<InvalidTicket> AllianceLogic::CheckLatencies(const Ticket& ticket) const {
  const int64_t max_ms = rules_->rules.regions.max_ms;
  if (max_ms == 0) return std::nullopt;
  if (ticket.latencies.empty()) {
    return InvalidTicket{"no_latency",
                         base::StrCat("no latencies, and region_latency_max_ms is ", max_ms)};
  }
  const auto best =
      std::min_element(ticket.latencies.begin(), ticket.latencies.end(),
                       [](const Latency& a, const Latency& b) { return a.ms < b.ms; });
  if (best->ms <= max_ms) return std::nullopt;
  return InvalidTicket{"latency_too_high",
                       base::StrCat("the best latency, ", best->ms, " ms to ", best->region,
                                    ", is above region_latency_max_ms ", max_ms)};
}

std::optional<InvalidTicket> AllianceLogic::ValidateTicket(const Ticket& ticket) const {
  if (std::optional<InvalidTicket> invalid = ValidatePlayers(ticket)) return invalid;
  if (ticket.players.size() > rules_->largest_team) {
    return InvalidTicket{std::string(LeftOutName(LeftOut::kTooLarge)),
                         base::StrCat("a party of ", ticket.players.size(),
                                      " does not fit into a team of ", rules_->largest_team)};
  }
  if (rules_->rules.blocked_players != BlockedPlayers::kCanMatch && BlocksOwnPlayer(ticket)) {
    return InvalidTicket{"blocks_own_player", "blocked_players names a player of the ticket"};
  }
  return CheckLatencies(ticket);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const MatchLogic>> MakeAllianceLogic(std::string_view rules_json,
                                                                    const LogicOptions& options) {
  MUSTER_ASSIGN_OR_RETURN(Ruleset rules, ParseRuleset(rules_json, options));
  return std::make_shared<const AllianceLogic>(
      std::make_shared<const CompiledRules>(std::move(rules), options));
}

}  // namespace muster::match::alliance
