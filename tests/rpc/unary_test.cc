// The three unary calls, and rules, with the logic `pairs`.

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "rpc/wire.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A field that no version of the contract has.
std::string UnknownField() {
  std::string bytes;
  AppendField(&bytes, 99, "from the future");
  return bytes;
}

class UnaryCalls : public ServerFixture {
 protected:
  bool IsValid(const pb::Ticket& ticket, const std::string& rules = "") {
    pb::ValidateTicketRequest request;
    *request.mutable_ticket() = ticket;
    request.mutable_rules()->set_json(rules);
    pb::ValidateTicketResponse response;
    EXPECT_THAT(Call("ValidateTicket", request, &response), IsOk());
    return response.valid_ticket();
  }

  absl::Status GetStatCodes(const std::string& rules) {
    pb::GetStatCodesRequest request;
    request.mutable_rules()->set_json(rules);
    return Call("GetStatCodes", request.SerializeAsString());
  }
};

TEST_F(UnaryCalls, HasNoStatCodesOfItsOwn) {
  pb::StatCodesResponse response;
  response.add_codes("overwritten");

  EXPECT_THAT(Call("GetStatCodes", pb::GetStatCodesRequest(), &response), IsOk());
  EXPECT_THAT(response.codes(), IsEmpty());
}

TEST_F(UnaryCalls, TakesNoRulesForAnEmptyRuleset) {
  for (const char* rules : {"", "{}", "null", R"({"unknown":[1]})"}) {
    EXPECT_THAT(GetStatCodes(rules), IsOk()) << rules;
  }
}

struct BadRules {
  const char* name;
  std::string rules;
  const char* message;
  friend std::ostream& operator<<(std::ostream& out, const BadRules& bad) {
    return out << bad.name;
  }
};

class BadRulesTest : public UnaryCalls, public testing::WithParamInterface<BadRules> {};

TEST_P(BadRulesTest, AreRefusedByEveryCallThatReadsRules) {
  const auto refusal = StatusIs(kInvalid, HasSubstr(GetParam().message));
  pb::ValidateTicketRequest validate;
  *validate.mutable_ticket() = TicketOf("a");
  validate.mutable_rules()->set_json(GetParam().rules);

  EXPECT_THAT(GetStatCodes(GetParam().rules), refusal);
  EXPECT_THAT(Call("ValidateTicket", validate.SerializeAsString()), refusal);
  EXPECT_THAT(MakeMatches({}, GetParam().rules).status, refusal);
  EXPECT_THAT(Backfill({}, GetParam().rules).status, refusal);
  AwaitAtRest();
  EXPECT_EQ(Metric("bad_requests_total", {{"method", "MakeMatches"}}), 1);
}

TEST_P(BadRulesTest, AreNotReadByEnrichTicket) {
  pb::EnrichTicketRequest request;
  *request.mutable_ticket() = TicketOf("a");
  request.mutable_rules()->set_json(GetParam().rules);

  EXPECT_THAT(Call("EnrichTicket", request.SerializeAsString()), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadRulesTest,
    testing::Values(BadRules{"NotJson", "{", "rules: not valid json"},
                    BadRules{"NotAnObject", "[1]", "rules: [1] is not an object"},
                    BadRules{"WrongType", R"({"shipCountMin":"2"})", "shipCountMin"},
                    BadRules{"Negative", R"({"shipCountMax":-1})", "shipCountMax -1"},
                    BadRules{"MinAboveMax", R"({"alliance":{"min_number":2,"max_number":1}})",
                             "alliance.max_number 1"},
                    BadRules{"KeyTwice", R"({"a":1,"a":2})", "stands twice"},
                    BadRules{"TooLong", "{\"a\":\"" + std::string(70'000, 'x') + "\"}",
                             "70008 bytes"},
                    BadRules{"TooDeep", std::string(5000, '[') + std::string(5000, ']'), "deeper"},
                    BadRules{"TooLarge", R"({"shipCountMin":1000001})", "shipCountMax 1000001"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(UnaryCalls, FindsATicketWithPlayersValid) {
  EXPECT_TRUE(IsValid(TicketOf("a", {"ann", "bob"})));
}

TEST_F(UnaryCalls, FindsOddPlayersNotValidAndCountsWhy) {
  pb::Ticket empty;
  empty.set_ticket_id("nobody");

  EXPECT_FALSE(IsValid(empty));
  EXPECT_FALSE(IsValid(TicketOf("a", {"ann", ""})));
  EXPECT_FALSE(IsValid(TicketOf("a", {"ann", "ann"})));
  EXPECT_FALSE(IsValid(TicketOf("a", {"ann", "bob"}),
                       R"({"alliance":{"min_number":2,"player_max_number":1}})"));

  for (const char* reason : {"no_players", "empty_player_id", "repeated_player", "too_large"}) {
    EXPECT_EQ(Metric("tickets_invalid_total", {{"reason", reason}}), 1) << reason;
  }
  EXPECT_EQ(Metric("tickets_received_total", {{"method", "ValidateTicket"}}), 4);
}

TEST_F(UnaryCalls, WantsATicketInUnaryCalls) {
  EXPECT_THAT(Call("ValidateTicket", ""),
              StatusIs(kInvalid, HasSubstr("ValidateTicketRequest.ticket")));
  EXPECT_THAT(Call("EnrichTicket", ""),
              StatusIs(kInvalid, HasSubstr("EnrichTicketRequest.ticket")));
  EXPECT_EQ(Metric("bad_requests_total", {{"method", "EnrichTicket"}}), 1);
}

TEST_F(UnaryCalls, EnrichesATicketWithoutAttributes) {
  pb::EnrichTicketRequest request;
  *request.mutable_ticket() = TicketOf("a");
  pb::EnrichTicketResponse response;

  EXPECT_THAT(Call("EnrichTicket", request, &response), IsOk());

  const auto& fields = response.ticket().ticket_attributes().fields();
  ASSERT_THAT(fields, SizeIs(1));
  EXPECT_EQ(fields.at("enrichedNumber").number_value(), 20);
  EXPECT_EQ(response.ticket().players(0).player_id(), "a-player");
}

TEST_F(UnaryCalls, HandsBackATicketWithAttributesUnchanged) {
  pb::EnrichTicketRequest request;
  *request.mutable_ticket() = TicketOf("a");
  (*request.mutable_ticket()->mutable_ticket_attributes()->mutable_fields())["mode"]
      .set_string_value("ctf");
  ASSERT_TRUE(request.mutable_ticket()->MergeFromString(UnknownField()));
  std::string response;

  EXPECT_THAT(Call("EnrichTicket", request.SerializeAsString(), &response), IsOk());

  EXPECT_EQ(OnlyField(response, 1), request.ticket().SerializeAsString());
}

}  // namespace
}  // namespace muster::rpc
