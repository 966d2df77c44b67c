#include "rpc/wire.h"

#include <vector>

#include "gmock/gmock.h"
#include "match_function.pb.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

namespace pb = ::accelbyte::matchmaking::matchfunction;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

std::string Field(int number, std::string_view bytes) {
  std::string out;
  AppendField(&out, number, bytes);
  return out;
}

TEST(Wire, AppendsAFieldAsProtobufDoes) {
  pb::Rules rules;
  rules.set_json(std::string(300, 'x'));

  EXPECT_EQ(Field(1, rules.json()), rules.SerializeAsString());
}

TEST(Wire, AppendsTheHeaderOfALargeFieldNumber) {
  pb::Rules rules;
  ASSERT_TRUE(rules.ParseFromString(Field(536'870'911, "unknown")));

  EXPECT_EQ(rules.SerializeAsString(), Field(536'870'911, "unknown"));
}

TEST(Wire, AppendsEqualMessagesWithEqualBytes) {
  const std::vector<std::string> names = {"one", "two", "three", "four", "five", "six", "seven"};
  pb::Ticket forwards;
  pb::Ticket backwards;
  for (size_t i = 0; i < names.size(); ++i) {
    (*forwards.mutable_latencies())[names[i]] = 1;
    (*backwards.mutable_latencies())[names[names.size() - 1 - i]] = 1;
  }
  std::string first = "before";
  std::string second = "before";

  AppendMessage(&first, forwards);
  AppendMessage(&second, backwards);

  EXPECT_EQ(first, second);
  EXPECT_EQ(first.size(), std::string("before").size() + forwards.ByteSizeLong());
}

TEST(Wire, FindsTheOnlyField) { EXPECT_EQ(OnlyField(Field(2, "ticket"), 2), "ticket"); }

TEST(Wire, FindsAnOnlyFieldThatIsEmpty) {
  const std::string message = Field(2, "");

  EXPECT_EQ(OnlyField(message, 2).size(), 0u);
  EXPECT_NE(OnlyField(message, 2).data(), nullptr);
}

TEST(Wire, FindsNoOnlyFieldInAnythingElse) {
  const std::string length_too_long("\x12\x83\x00xyz", 6);
  const std::vector<std::string> others = {"",
                                           Field(1, "other number"),
                                           Field(2, "a") + Field(2, "b"),
                                           Field(1, "") + Field(2, "a"),
                                           Field(2, "cut").substr(0, 4),
                                           "\x12",
                                           std::string("\x10\x01", 2)};
  for (const std::string& message : others) {
    EXPECT_EQ(OnlyField(message, 2).data(), nullptr) << testing::PrintToString(message);
  }
  EXPECT_EQ(OnlyField(length_too_long, 2), "xyz");
}

TEST(Wire, ParsesAMessageInPlaceOfTheOneBefore) {
  pb::Party party;
  party.add_user_ids("before");

  EXPECT_THAT(ParseMessage(Field(1, "id"), &party), IsOk());

  EXPECT_EQ(party.party_id(), "id");
  EXPECT_EQ(party.user_ids_size(), 0);
}

TEST(Wire, NamesTheMessageThatDoesNotParse) {
  pb::Ticket ticket;

  EXPECT_THAT(ParseMessage("\xff\xff", &ticket),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "accelbyte.matchmaking.matchfunction.Ticket: the bytes are not a valid "
                       "message"));
}

TEST(Wire, NamesTheFieldWhoseTextIsNotUtf8) {
  CaptureProtobufLog();
  pb::Ticket ticket;

  EXPECT_THAT(ParseMessage(Field(2, "\xc3("), &ticket),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "accelbyte.matchmaking.matchfunction.Ticket.match_pool: the text is not "
                       "valid utf-8"));
}

TEST(Wire, ForgetsTheBadFieldOfAnEarlierMessage) {
  CaptureProtobufLog();
  pb::Ticket ticket;
  (void)ParseMessage(Field(2, "\xff"), &ticket);

  EXPECT_THAT(ParseMessage("\xff", &ticket),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Ticket: the bytes")));
}

TEST(Wire, ReadsABufferOfSeveralSlicesInOnePiece) {
  const std::vector<grpc::Slice> slices = {grpc::Slice("one "), grpc::Slice("two")};

  EXPECT_EQ(ContiguousBytes(grpc::ByteBuffer(slices.data(), slices.size())).view(), "one two");
  EXPECT_EQ(ContiguousBytes(ToBuffer(std::string_view("alone"))).view(), "alone");
  EXPECT_EQ(ContiguousBytes(grpc::ByteBuffer()).view(), "");
}

TEST(Wire, TurnsEveryCodeIntoTheSameOfGrpc) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  const grpc::Status status = ToGrpcStatus(absl::ResourceExhaustedError("too many"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "too many");
}

}  // namespace
}  // namespace muster::rpc
