#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "match/alliance/ruleset.h"
#include "match/ticket.h"

// Backfill as the rules say it, step by step, over all tickets for each session: slow, and easy to
// compare with the text. Knows one attribute `m` that is compared as it is, options whose values
// are texts, and no roles, modes, platforms or rebalancing.
namespace muster::match::alliance {

struct ReferenceInput {
  const Ruleset& rules;
  std::vector<Ticket> tickets;
  std::vector<BackfillTicket> sessions;
  base::Timestamp now;
  bool larger_parties_first = false;
};

// What one session gets.
struct ReferenceProposal {
  size_t session = 0;
  // Team after team, new ones at the end, the tickets that join it in order; teams that get none
  // stay in as empty lists.
  std::vector<std::vector<size_t>> teams;
  std::vector<double> means;
  // The values of each option, sorted.
  std::vector<std::vector<std::string>> options;

  bool operator==(const ReferenceProposal&) const = default;
};
std::ostream& operator<<(std::ostream& out, const ReferenceProposal& proposal);

std::vector<ReferenceProposal> ReferenceBackfill(const ReferenceInput& input);

}  // namespace muster::match::alliance
