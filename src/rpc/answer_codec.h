#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "match/match.h"
#include "rpc/ticket_store.h"

// The core's answers to wire messages. Tickets are echoed byte for byte, unknown fields included,
// but for the players that the logic has updated; an answer is put together around them, since the
// fields of a message may come in any order. Equal answers give equal bytes.
namespace muster::rpc {

struct EncodedAnswer {
  grpc::ByteBuffer message;
  // Players of the echoed tickets.
  int64_t players = 0;
};

// INTERNAL when an update names a ticket that the answer does not hold, or a player who is not in
// the ticket. The answer's tickets are in `store`.
absl::Status CheckPlayerUpdates(const match::Match& match, const TicketStore& store);
absl::Status CheckPlayerUpdates(const match::BackfillProposal& proposal, const TicketStore& store);

// What the two below need to be right is what CheckPlayerUpdates checks.

// A MatchResponse. `store` holds the match's tickets under Match's field `tickets`.
EncodedAnswer EncodeMatch(const match::Match& match,
                          const std::shared_ptr<const TicketStore>& store);

// A BackfillResponse. `store` holds the added tickets under BackfillProposal's field
// `added_tickets`; `backfill_wire` is the wire form of the backfill ticket, whose teams are echoed
// unless the proposal drops them.
EncodedAnswer EncodeProposal(const match::BackfillProposal& proposal,
                             const std::shared_ptr<const TicketStore>& store,
                             std::string_view backfill_wire);

}  // namespace muster::rpc
