#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "match/match_logic.h"

namespace muster::support {

// A ticket of one player, `NAME-player`, in no pool.
match::Ticket Solo(const std::string& name);

// A ticket of one party with these players, in no pool.
match::Ticket Party(const std::string& name, const std::vector<std::string>& player_ids);

// The object with these names and values.
match::Object Attributes(std::vector<match::Object::Entry> entries);

// Which tickets a match has, by id, in order.
using TicketIds = std::vector<std::string>;

// Gives tickets to a run of any logic, as the edge does, and keeps what comes back. Fails the
// current test when an answer names a ticket that was not taken.
class MatchDriver final : private match::MatchSink {
 public:
  explicit MatchDriver(const match::MatchLogic& logic, const match::RunContext& context = {});

  std::optional<match::LeftOut> Add(const match::Ticket& ticket);
  void Finish() { run_->Finish(); }

  const std::vector<match::Match>& matches() const { return matches_; }
  // The tickets of each match so far.
  std::vector<TicketIds> matched() const;
  // The tickets taken, those matched included.
  const TicketIds& taken() const { return taken_; }
  // How many tickets the run had no time for.
  size_t out_of_time() const { return out_of_time_; }

 private:
  void Emit(match::Match match) override { matches_.push_back(std::move(match)); }
  void OutOfTime(size_t tickets) override { out_of_time_ += tickets; }

  TicketIds taken_;
  std::vector<match::Match> matches_;
  size_t out_of_time_ = 0;
  std::unique_ptr<match::MatchRun> run_;
};

// As MatchDriver, for backfill.
class BackfillDriver final : private match::ProposalSink {
 public:
  explicit BackfillDriver(const match::MatchLogic& logic, const match::RunContext& context = {});

  std::optional<match::LeftOut> Add(const match::Ticket& ticket);
  void Add(const match::BackfillTicket& backfill);
  void Finish() { run_->Finish(); }

  const std::vector<match::BackfillProposal>& proposals() const { return proposals_; }
  // The tickets taken, those placed included.
  const TicketIds& taken() const { return taken_; }
  // For each proposal so far: the backfill ticket's id, then those of the added tickets.
  std::vector<TicketIds> placed() const;

 private:
  void Emit(match::BackfillProposal proposal) override {
    proposals_.push_back(std::move(proposal));
  }

  TicketIds taken_;
  TicketIds backfills_;
  std::vector<match::BackfillProposal> proposals_;
  std::unique_ptr<match::BackfillRun> run_;
};

}  // namespace muster::support
