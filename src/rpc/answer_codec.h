#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "grpcpp/support/byte_buffer.h"
#include "match/match.h"
#include "rpc/ticket_store.h"

// The core's answers to wire messages. Tickets are echoed byte for byte, unknown fields included;
// an answer is put together around them, since the fields of a message may come in any order.
namespace muster::rpc {

struct EncodedAnswer {
  grpc::ByteBuffer message;
  // Players of the echoed tickets.
  int64_t players = 0;
};

// A MatchResponse. `store` holds the match's tickets under Match's field `tickets`.
EncodedAnswer EncodeMatch(const match::Match& match,
                          const std::shared_ptr<const TicketStore>& store);

// A BackfillResponse. `store` holds the added tickets under BackfillProposal's field
// `added_tickets`; `backfill_wire` is the wire form of the backfill ticket, whose teams are echoed.
EncodedAnswer EncodeProposal(const match::BackfillProposal& proposal,
                             const std::shared_ptr<const TicketStore>& store,
                             std::string_view backfill_wire);

}  // namespace muster::rpc
