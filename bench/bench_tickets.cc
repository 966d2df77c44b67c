#include "bench/bench_tickets.h"

#include "app/ctl/ticket_json.h"
#include "lab/population.h"

namespace muster::bench {
namespace {

// Tag and length of the field `ticket` of a ticket of 128 bytes to 16 KiB.
constexpr size_t kFrameBytes = 3;

}  // namespace

rpc::client::WireTicket ToWire(const match::Ticket& ticket) {
  // Every ticket prints as one that reads.
  return rpc::client::TicketFromJson(app::ctl::TicketToJson(ticket)).value();
}

std::vector<rpc::client::WireTicket> MakeTickets(size_t count) {
  // The options are the defaults, so this cannot fail.
  lab::Population population = lab::Population::Create({}).value();
  std::vector<rpc::client::WireTicket> tickets;
  tickets.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    tickets.push_back(ToWire(population.Next()));
  }
  return tickets;
}

size_t WireBytes(const std::vector<rpc::client::WireTicket>& tickets) {
  size_t bytes = 0;
  for (const rpc::client::WireTicket& ticket : tickets) bytes += kFrameBytes + ticket.bytes.size();
  return bytes;
}

}  // namespace muster::bench
