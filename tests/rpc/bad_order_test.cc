// Frames out of order, or that are no messages, are refused by name.

#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::StatusIs;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

struct BadOrder {
  const char* name;
  const char* method;
  std::vector<std::string> frames;
  const char* message;
  friend std::ostream& operator<<(std::ostream& out, const BadOrder& bad) {
    return out << bad.name;
  }
};

std::vector<BadOrder> BadOrders() {
  const std::string make = Parameters().SerializeAsString();
  const std::string fill = BackfillParameters().SerializeAsString();
  const std::string ticket = Frame(TicketOf("a")).SerializeAsString();
  const std::string fill_ticket = BackfillFrame(TicketOf("a")).SerializeAsString();
  pb::BackfillMakeMatchesRequest no_match;
  no_match.mutable_backfill_ticket()->set_ticket_id("b");
  const char* const kMake = "MakeMatches";
  const char* const kFill = "BackfillMatches";
  return {
      {"MakeClosedAtOnce", kMake, {}, "MakeMatchesRequest.parameters: the stream was closed"},
      {"MakeTicketFirst", kMake, {ticket}, "MakeMatchesRequest.parameters: must be the first"},
      {"MakeEmptyFrameFirst", kMake, {""}, "MakeMatchesRequest.parameters: must be the first"},
      {"MakeEmptyFrameLater", kMake, {make, ""}, "MakeMatchesRequest: neither"},
      {"MakeParametersTwice", kMake, {make, make}, "MakeMatchesRequest.parameters: sent more"},
      {"MakeNoMessage", kMake, {make, "\xff"}, "MakeMatchesRequest: the bytes"},
      {"FillClosedAtOnce", kFill, {}, "BackfillMakeMatchesRequest.parameters: the stream was"},
      {"FillTicketFirst", kFill, {fill_ticket}, "BackfillMakeMatchesRequest.parameters: must"},
      {"FillEmptyFrameFirst", kFill, {""}, "BackfillMakeMatchesRequest.parameters: must"},
      {"FillEmptyFrameLater", kFill, {fill, ""}, "BackfillMakeMatchesRequest: none of"},
      {"FillParametersTwice", kFill, {fill, fill}, "BackfillMakeMatchesRequest.parameters: sent"},
      {"FillNoPartialMatch",
       kFill,
       {fill, no_match.SerializeAsString()},
       "BackfillMakeMatchesRequest.backfill_ticket.partial_match: is not set"},
      {"FillNoMessage", kFill, {fill, "\xff"}, "BackfillMakeMatchesRequest: the bytes"}};
}

class BadOrderTest : public ServerFixture, public testing::WithParamInterface<BadOrder> {};

TEST_P(BadOrderTest, IsRefusedByName) {
  EXPECT_THAT(StatusOf(GetParam().method, GetParam().frames),
              StatusIs(kInvalid, HasSubstr(GetParam().message)));

  AwaitAtRest();
  EXPECT_EQ(Metric("bad_requests_total", {{"method", GetParam().method}}), 1);
  ExpectServes();
}

INSTANTIATE_TEST_SUITE_P(Frames, BadOrderTest, testing::ValuesIn(BadOrders()),
                         [](const auto& param) { return std::string(param.param.name); });

class BadText : public ServerFixture {};

TEST_F(BadText, IsRefusedByField) {
  const std::string bad = Frame(TicketOf("\xff")).SerializeAsString();
  pb::GetStatCodesRequest request;
  request.mutable_rules()->set_json("\xff");

  EXPECT_THAT(StatusOf("MakeMatches", {Parameters().SerializeAsString(), bad}),
              StatusIs(kInvalid, HasSubstr("Ticket.ticket_id")));
  EXPECT_THAT(Call("GetStatCodes", request.SerializeAsString()),
              StatusIs(kInvalid, HasSubstr("Rules.json")));
}

}  // namespace
}  // namespace muster::rpc
