#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "match/alliance/alliance_match_run.h"
#include "tests/match/alliance/literal_check.h"
#include "tests/match/alliance/random_rules.h"

// Random worlds, run through the matcher.
namespace muster::match::alliance {

// The rules of a world, or nothing when they are illegal; fails the test when they are refused in
// any other way than by INVALID_ARGUMENT.
std::shared_ptr<const CompiledRules> Compile(const World& world, Strategy strategy);

// One tick.
class WorldRun final : private MatchSink {
 public:
  WorldRun(std::shared_ptr<const CompiledRules> rules, const RunContext& context,
           const std::vector<Ticket>& tickets);

  const std::vector<Match>& matches() const { return matches_; }
  // The tickets that the run took, in order.
  const std::vector<Ticket>& taken() const { return taken_; }
  size_t out_of_time() const { return out_of_time_; }

  // Ids of tickets by match and team, and all else that a match says.
  std::vector<std::string> Spelled() const;
  // The same without ids that are made up.
  std::vector<std::string> SpelledWithoutIds() const;
  size_t players_matched() const;
  // By place in taken(): how many matches the ticket is in.
  std::vector<int> TimesMatched() const;

 private:
  void Emit(Match match) override { matches_.push_back(std::move(match)); }
  void OutOfTime(size_t tickets) override { out_of_time_ += tickets; }
  std::string Spell(const Match& match, bool ids) const;

  std::vector<Ticket> taken_;
  std::vector<Match> matches_;
  size_t out_of_time_ = 0;
};

// What judges the matches of a run: the matcher's legality and the literal one.
class Judge {
 public:
  Judge(const CompiledRules& rules, const std::vector<Ticket>& tickets, base::Timestamp now);

  const Legality& legality() const { return legality_; }
  const LiteralCheck& literal() const { return literal_; }

  Composition Read(const Match& match) const;
  LiteralMatch Spell(const Composition& match) const;
  // Which check finds a match illegal, and why; empty when both find it legal.
  std::string Problem(const Composition& match) const;

 private:
  const CompiledRules& rules_;
  TraitsTable traits_;
  TicketPool pool_;
  Legality legality_;
  LiteralCheck literal_;
};

RunContext ContextOf(const World& world);

// Runs `check` on so many worlds times the environment's SOAK, from MakeWorld's first seed on,
// until one fails; on the world of MUSTER_SEED alone when that is set. A failure names the seed.
void ForEachWorld(uint64_t worlds, const std::function<void(const World&)>& check);

}  // namespace muster::match::alliance
