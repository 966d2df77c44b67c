#include "rpc/client/wire_ticket.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match_function.pb.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc::client {
namespace {

namespace pb = ::accelbyte::matchmaking::matchfunction;
using support::StatusIs;
using testing::HasSubstr;

TEST(TicketFromJson, ReadsBothKindsOfNamesAndOfNumbers) {
  const auto ticket =
      TicketFromJson(R"({"ticketId":"t","match_pool":"p","latencies":{"eu":"20","us":90},)"
                     R"("CreatedAt":"2026-01-01T00:00:00Z"})");

  ASSERT_TRUE(ticket.ok()) << ticket.status();
  pb::Ticket message;
  ASSERT_TRUE(message.ParseFromString(ticket->bytes));
  EXPECT_EQ(ticket->id, "t");
  EXPECT_EQ(message.match_pool(), "p");
  EXPECT_EQ(message.latencies().at("eu"), 20);
  EXPECT_EQ(message.latencies().at("us"), 90);
  EXPECT_EQ(message.createdat().seconds(), 1'767'225'600);
}

TEST(TicketFromJson, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(TicketFromJson(R"({"tickets":1})"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tickets: Cannot find")));
  EXPECT_THAT(TicketFromJson(R"({"latencies":{"eu":"x"}})"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("latencies")));
  EXPECT_THAT(TicketFromJson("hello"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a Ticket")));
}

TEST(BackfillTicketFromJson, ReadsABackfillTicket) {
  const auto ticket = BackfillTicketFromJson(
      R"({"ticketId":"b","matchSessionId":"s","partialMatch":{"teams":[{"userIds":["u"]}]}})");

  ASSERT_TRUE(ticket.ok()) << ticket.status();
  pb::BackfillTicket message;
  ASSERT_TRUE(message.ParseFromString(ticket->bytes));
  EXPECT_EQ(ticket->id, "b");
  EXPECT_EQ(message.partial_match().teams(0).user_ids(0), "u");
  EXPECT_THAT(BackfillTicketFromJson(R"({"players":[]})"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a BackfillTicket")));
}

}  // namespace
}  // namespace muster::rpc::client
