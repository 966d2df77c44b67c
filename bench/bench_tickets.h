#pragma once

#include <cstddef>
#include <vector>

#include "match/ticket.h"
#include "rpc/client/wire_ticket.h"

namespace muster::bench {

// The first `count` tickets of the generator's default population, about 215 bytes each on the
// wire.
std::vector<rpc::client::WireTicket> MakeTickets(size_t count);

rpc::client::WireTicket ToWire(const match::Ticket& ticket);

// Bytes of the tickets on the wire, as frames of a MakeMatches stream without gRPC's own.
size_t WireBytes(const std::vector<rpc::client::WireTicket>& tickets);

}  // namespace muster::bench
