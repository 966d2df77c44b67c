#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/ids.h"
#include "match/match.h"
#include "match/ticket.h"

namespace muster::match {

// Where a run puts its matches. Emit may be called at any moment between the start of the run and
// the end of Finish, on the thread that called the run.
class MatchSink {
 public:
  virtual ~MatchSink() = default;
  virtual void Emit(Match match) = 0;
  // The tick ran out of time. So many tickets were left aside, the youngest as a rule.
  virtual void OutOfTime(size_t /*tickets*/) {}
};

// As MatchSink, for backfill proposals.
class ProposalSink {
 public:
  virtual ~ProposalSink() = default;
  virtual void Emit(BackfillProposal proposal) = 0;
  // So many sessions were not looked at.
  virtual void OutOfTime(size_t /*sessions*/) {}
};

// What a run may know of the world. The same context and the same input give the same output,
// except that a run which knows a clock and a time limit (LogicOptions) ends when its time is up.
struct RunContext {
  // The time of the tick.
  base::Timestamp now;
  base::IdSeed id_seed = {};
  // Stopped when the caller has gone; a long Finish looks at it now and then and returns early.
  std::stop_token stop;
  // Measures how long the run takes; outlives it. Null: no time limit.
  const base::Clock* clock = nullptr;
};

// One tick of matchmaking. Calls come one at a time, from any thread: AddTicket once a ticket, then
// Finish once. A run may be destroyed at any moment.
class MatchRun {
 public:
  virtual ~MatchRun() = default;

  // Takes the ticket, whose index is one more than that of the ticket taken before; or says why
  // not, and the index goes to the next ticket. Runs on a thread that reads the network: keep it
  // short, and leave heavy work to Finish. `ticket` may change after the call: copy what you keep.
  virtual std::optional<LeftOut> AddTicket(const Ticket& ticket) = 0;

  // No more tickets. Runs on a worker thread and may take its time.
  virtual void Finish() = 0;
};

// One tick of backfill. As MatchRun, with two kinds of tickets in any order.
class BackfillRun {
 public:
  virtual ~BackfillRun() = default;
  virtual std::optional<LeftOut> AddTicket(const Ticket& ticket) = 0;
  virtual void AddBackfillTicket(const BackfillTicket& backfill) = 0;
  virtual void Finish() = 0;
};

// Why ValidateTicket says no.
struct InvalidTicket {
  // For metrics: lower case, words joined by `_`, from a small fixed set.
  std::string reason;
  // For the log.
  std::string message;
};

// How a game makes matches: the interface a studio implements. An object is a logic together with
// the rules it was made from (see logic_registry.h), never changes, and is called from many threads
// at once.
class MatchLogic {
 public:
  virtual ~MatchLogic() = default;

  // What the rules ask for in vain, such as a key without effect: one sentence each, for the log.
  virtual std::vector<std::string> Remarks() const { return {}; }

  // The player statistics that the rules read.
  virtual std::vector<std::string> StatCodes() const { return {}; }

  // Nothing when the ticket can be matched under the rules; else why not.
  virtual std::optional<InvalidTicket> ValidateTicket(const Ticket& ticket) const;

  // Attributes to add to those of the ticket, or to replace them. Called without regard to rules.
  virtual Object EnrichTicket(const Ticket& ticket) const;

  // Starts a tick. `sink` outlives the run; this object need not.
  virtual std::unique_ptr<MatchRun> StartMatches(const RunContext& context,
                                                 MatchSink& sink) const = 0;

  // As StartMatches, for backfill. The default never proposes anything.
  virtual std::unique_ptr<BackfillRun> StartBackfill(const RunContext& context,
                                                     ProposalSink& sink) const;
};

// Why the ticket can never be matched, whatever the rules: it has no players, or a player id that
// is empty or repeated.
std::optional<InvalidTicket> ValidatePlayers(const Ticket& ticket);

}  // namespace muster::match
