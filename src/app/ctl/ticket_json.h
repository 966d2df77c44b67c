#pragma once

#include <string>

#include "match/ticket.h"

namespace muster::app::ctl {

// The ticket in proto JSON as one line without its end: camelCase names, latencies as text, times
// in UTC to the millisecond, whole numbers without a point, empty fields left out. The same ticket
// gives the same bytes on every machine, which protobuf's own printer does not promise for maps.
std::string TicketToJson(const match::Ticket& ticket);

}  // namespace muster::app::ctl
