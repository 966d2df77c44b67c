#include "app/ctl/ticket_json.h"

#include "gtest/gtest.h"
#include "rpc/client/wire_ticket.h"

namespace muster::app::ctl {
namespace {

using std::chrono_literals::operator""ms;

match::Ticket FullTicket() {
  match::Ticket ticket;
  ticket.id = "t1";
  ticket.match_pool = "ranked";
  ticket.created_at = std::chrono::sys_days(std::chrono::March / 7 / 2026) + 3'723'004ms;
  match::Object attributes;
  attributes.Set("mmr", 1500.0);
  attributes.Set("share", 0.5);
  ticket.players = {{"p1", attributes}, {"p2", {}}};
  ticket.attributes.Set("list", match::List{true, false, "x", match::Value()});
  ticket.attributes.Set("deep", match::Object({{"a", -3}}));
  ticket.latencies = {{"eu", 20}, {"us", 90}};
  ticket.party_session_id = "party";
  ticket.name_space = "ns";
  ticket.excluded_sessions = {"s1", "s2"};
  return ticket;
}

TEST(TicketToJson, WritesEveryField) {
  EXPECT_EQ(TicketToJson(FullTicket()),
            R"({"ticketId":"t1","matchPool":"ranked","CreatedAt":"2026-03-07T01:02:03.004Z",)"
            R"("players":[{"playerId":"p1","attributes":{"mmr":1500,"share":0.5}},)"
            R"({"playerId":"p2"}],)"
            R"("ticketAttributes":{"deep":{"a":-3},"list":[true,false,"x",null]},)"
            R"("latencies":{"eu":"20","us":"90"},"partySessionId":"party","namespace":"ns",)"
            R"("excludedSessions":["s1","s2"]})");
}

TEST(TicketToJson, LeavesEmptyFieldsOut) {
  EXPECT_EQ(TicketToJson({}), R"({"ticketId":"","matchPool":"","players":[]})");
}

TEST(TicketToJson, IsProtoJson) {
  const auto wire = rpc::client::TicketFromJson(TicketToJson(FullTicket()));

  ASSERT_TRUE(wire.ok()) << wire.status();
  EXPECT_EQ(wire->id, "t1");
}

}  // namespace
}  // namespace muster::app::ctl
