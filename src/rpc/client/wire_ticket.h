#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace muster::rpc::client {

// A ticket or backfill ticket as it goes over the wire.
struct WireTicket {
  // The message's ticket_id; may be empty, the contract allows that.
  std::string id;
  std::string bytes;
};

// Reads one Ticket or one BackfillTicket in proto JSON: `{"ticketId":"t1","players":[..]}`, field
// names in camelCase or as in the proto file, 64-bit numbers as text or number.
// INVALID_ARGUMENT, naming the field, for anything else, unknown fields included.
absl::StatusOr<WireTicket> TicketFromJson(std::string_view json);
absl::StatusOr<WireTicket> BackfillTicketFromJson(std::string_view json);

}  // namespace muster::rpc::client
