#include "tests/support/match_driver.h"

#include "gtest/gtest.h"

namespace muster::support {
namespace {

// The id at `index`, or a test failure.
std::string IdAt(const TicketIds& ids, size_t index) {
  if (index < ids.size()) return ids[index];
  ADD_FAILURE() << "index " << index << " of " << ids.size();
  return "(no such ticket)";
}

}  // namespace

match::Ticket Solo(const std::string& name) { return Party(name, {name + "-player"}); }

match::Ticket Party(const std::string& name, const std::vector<std::string>& player_ids) {
  match::Ticket ticket;
  ticket.id = name;
  for (const std::string& id : player_ids) ticket.players.push_back({id, {}});
  return ticket;
}

match::Object Attributes(std::vector<match::Object::Entry> entries) {
  return match::Object(std::move(entries));
}

MatchDriver::MatchDriver(const match::MatchLogic& logic, const match::RunContext& context)
    : run_(logic.StartMatches(context, *this)) {}

std::optional<match::LeftOut> MatchDriver::Add(const match::Ticket& ticket) {
  // A run may emit while it takes the ticket, so its name must be known before.
  taken_.push_back(ticket.id);
  const std::optional<match::LeftOut> left_out = run_->AddTicket(ticket);
  if (left_out) taken_.pop_back();
  return left_out;
}

std::vector<TicketIds> MatchDriver::matched() const {
  std::vector<TicketIds> all;
  for (const match::Match& match : matches_) {
    TicketIds& ids = all.emplace_back();
    for (const match::Team& team : match.teams) {
      for (const match::TicketIndex index : team.tickets) ids.push_back(IdAt(taken_, index));
    }
  }
  return all;
}

BackfillDriver::BackfillDriver(const match::MatchLogic& logic, const match::RunContext& context)
    : run_(logic.StartBackfill(context, *this)) {}

std::optional<match::LeftOut> BackfillDriver::Add(const match::Ticket& ticket) {
  taken_.push_back(ticket.id);
  const std::optional<match::LeftOut> left_out = run_->AddTicket(ticket);
  if (left_out) taken_.pop_back();
  return left_out;
}

void BackfillDriver::Add(const match::BackfillTicket& backfill) {
  backfills_.push_back(backfill.id);
  run_->AddBackfillTicket(backfill);
}

std::vector<TicketIds> BackfillDriver::placed() const {
  std::vector<TicketIds> all;
  for (const match::BackfillProposal& proposal : proposals_) {
    TicketIds& ids = all.emplace_back();
    ids.push_back(IdAt(backfills_, proposal.backfill));
    for (const match::TeamAddition& addition : proposal.additions) {
      for (const match::TicketIndex index : addition.tickets) ids.push_back(IdAt(taken_, index));
    }
  }
  return all;
}

}  // namespace muster::support
