// Bytes and behaviour that no good caller shows. Whatever comes, each call ends with a status that
// says why, and the server goes on.

#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using support::IsOk;
using support::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr size_t kMegabyte = 1'000'000;

// A ticket with something in every field.
pb::Ticket FullTicket(const std::string& id) {
  pb::Ticket ticket = TicketOf(id, {id + "-1", id + "-2"});
  ticket.set_match_pool("pool");
  ticket.mutable_createdat()->set_seconds(1'700'000'000);
  auto& attributes = *ticket.mutable_ticket_attributes()->mutable_fields();
  attributes["list"].mutable_list_value()->add_values()->set_number_value(1);
  attributes["object"].mutable_struct_value();
  (*ticket.mutable_players(0)->mutable_attributes()->mutable_fields())["mmr"].set_number_value(1);
  (*ticket.mutable_latencies())["east"] = 20;
  ticket.set_party_session_id(id + "-party");
  ticket.set_namespace_("space");
  ticket.add_excluded_sessions("session");
  return ticket;
}

pb::BackfillTicket FullBackfill(const std::string& id) {
  pb::BackfillTicket ticket = BackfillOf(id, {"old"});
  ticket.set_match_pool("pool");
  ticket.mutable_createdat()->set_seconds(1'700'000'000);
  pb::BackfillTicket_PartialMatch& match = *ticket.mutable_partial_match();
  *match.add_tickets() = FullTicket(id + "-member");
  match.mutable_teams(0)->add_parties()->add_user_ids("old");
  match.add_region_preferences("east");
  (*match.mutable_match_attributes()->mutable_fields())["map"].set_string_value("dust");
  return ticket;
}

class Hostile : public ServerFixture {
 protected:
  // Everything a caller may send to a method, each message on its own.
  static std::vector<std::unique_ptr<Message>> MessagesOf(const std::string& method) {
    std::vector<std::unique_ptr<Message>> messages;
    const auto add = [&messages](const auto& message) {
      messages.push_back(std::make_unique<std::decay_t<decltype(message)>>(message));
    };
    if (method == "GetStatCodes") {
      pb::GetStatCodesRequest request;
      request.mutable_rules()->set_json("{\"shipCountMin\":2}");
      add(request);
    } else if (method == "ValidateTicket") {
      pb::ValidateTicketRequest request;
      *request.mutable_ticket() = FullTicket("a");
      request.mutable_rules()->set_json("{\"shipCountMin\":2}");
      add(request);
    } else if (method == "EnrichTicket") {
      pb::EnrichTicketRequest request;
      *request.mutable_ticket() = FullTicket("a");
      add(request);
    } else if (method == "MakeMatches") {
      add(Parameters("{\"shipCountMin\":2}"));
      add(Frame(FullTicket("a")));
    } else {
      add(BackfillParameters("{\"shipCountMin\":2}"));
      add(BackfillFrame(FullTicket("a")));
      add(BackfillFrame(FullBackfill("b")));
    }
    return messages;
  }

  static bool IsStream(const std::string& method) { return method.ends_with("Matches"); }

  // Sends one message, on a stream after good parameters.
  absl::Status Send(const std::string& method, const std::string& bytes) {
    if (!IsStream(method)) return Call(method, bytes);
    return StatusOf(method, {Parameters().SerializeAsString(), bytes});
  }

  void ExpectGoodOrInvalid(const std::string& method, const std::string& bytes,
                           std::string_view what) {
    const absl::Status status = Send(method, bytes);
    EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status))
        << what << ": " << status.ToString();
    EXPECT_EQ(status.ok(), status.message().empty());
  }

  void ExpectStillWell() {
    ExpectServes();
    AwaitAtRest();
  }
};

constexpr const char* kMethods[] = {"GetStatCodes", "ValidateTicket", "EnrichTicket", "MakeMatches",
                                    "BackfillMatches"};

class HostileBytes : public Hostile, public testing::WithParamInterface<const char*> {
 protected:
  std::string Mutated(std::string bytes) {
    const auto pick = [this](size_t limit) {
      return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
    };
    if (bytes.empty() || pick(4) == 0) bytes.resize(pick(60));
    const size_t changes = pick(4);
    for (size_t i = 0; i < changes && !bytes.empty(); ++i) {
      bytes[pick(bytes.size())] = static_cast<char>(pick(256));
    }
    return bytes.substr(0, pick(3) == 0 ? pick(bytes.size() + 1) : bytes.size());
  }

  const uint64_t seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
};

TEST_P(HostileBytes, RandomBytesAreRefusedOrRead) {
  SCOPED_TRACE(seed_);
  const auto messages = MessagesOf(GetParam());
  for (int i = 0; i < 1000; ++i) {
    const Message& message = *messages[static_cast<size_t>(i) % messages.size()];
    const std::string bytes = Mutated(message.SerializeAsString());
    const std::unique_ptr<Message> parsed(message.New());

    const absl::Status status = Send(GetParam(), bytes);

    ASSERT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status.ToString();
    ASSERT_EQ(status.ok(), status.message().empty());
    ASSERT_TRUE(parsed->ParseFromString(bytes) || !status.ok());
  }
  ExpectStillWell();
}

TEST_P(HostileBytes, EveryTruncationIsRefusedOrRead) {
  for (const auto& message : MessagesOf(GetParam())) {
    const std::string bytes = message->SerializeAsString();
    for (size_t size = 0; size < bytes.size(); ++size) {
      ExpectGoodOrInvalid(GetParam(), bytes.substr(0, size), "cut at " + std::to_string(size));
    }
  }
  ExpectStillWell();
}

// Calls `visit` with `whole` as often as there are sub-messages in it, each time without one of
// them. `part` is `whole` or lies inside.
void WithoutEachSubMessage(const Message& whole, Message* part,
                           const std::function<void()>& visit) {
  const auto& reflection = *part->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*part, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::unique_ptr<Message> before(part->New());
    before->CopyFrom(*part);
    reflection.ClearField(part, field);
    visit();
    part->CopyFrom(*before);
    const int count = field->is_repeated() ? reflection.FieldSize(*part, field) : 1;
    for (int i = 0; i < count; ++i) {
      Message* const inner = field->is_repeated()
                                 ? reflection.MutableRepeatedMessage(part, field, i)
                                 : reflection.MutableMessage(part, field);
      WithoutEachSubMessage(whole, inner, visit);
    }
  }
}

TEST_P(HostileBytes, EverySubMessageMayBeUnset) {
  int visits = 0;
  for (const auto& message : MessagesOf(GetParam())) {
    WithoutEachSubMessage(*message, message.get(), [&] {
      ExpectGoodOrInvalid(GetParam(), message->SerializeAsString(), message->ShortDebugString());
      ++visits;
    });
  }
  EXPECT_GE(visits, 1);
  ExpectStillWell();
}

INSTANTIATE_TEST_SUITE_P(Methods, HostileBytes, testing::ValuesIn(kMethods),
                         [](const auto& param) { return std::string(param.param); });

TEST_F(Hostile, NumbersThatAreNotFiniteAreTaken) {
  pb::Ticket ticket = TicketOf("a");
  auto& attributes = *ticket.mutable_ticket_attributes()->mutable_fields();
  attributes["nan"].set_number_value(std::numeric_limits<double>::quiet_NaN());
  attributes["inf"].set_number_value(-std::numeric_limits<double>::infinity());
  (*ticket.mutable_latencies())["east"] = std::numeric_limits<int64_t>::min();
  (*ticket.mutable_latencies())["west"] = std::numeric_limits<int64_t>::max();
  ticket.mutable_createdat()->set_seconds(std::numeric_limits<int64_t>::min());
  ticket.mutable_createdat()->set_nanos(std::numeric_limits<int32_t>::min());
  pb::EnrichTicketRequest enrich;
  *enrich.mutable_ticket() = ticket;

  const Matches made = MakeMatches({ticket, TicketOf("b")});
  EXPECT_THAT(Call("EnrichTicket", enrich.SerializeAsString()), IsOk());

  ASSERT_EQ(made.answers.size(), 1u);
  EXPECT_EQ(made.answers[0].tickets(0).DebugString(), ticket.DebugString());
}

TEST_F(Hostile, TextsOfAMegabyteAreTaken) {
  const std::string text(kMegabyte, 'x');
  std::vector<pb::Ticket> tickets(5);
  tickets[0].set_ticket_id(text);
  tickets[1].add_players()->set_player_id(text);
  (*tickets[2].mutable_ticket_attributes()->mutable_fields())[text].set_string_value(text);
  (*tickets[3].mutable_latencies())[text] = 1;
  tickets[4].set_party_session_id(text);
  for (size_t i = 0; i < tickets.size(); ++i) {
    tickets[i].add_players()->set_player_id(std::to_string(i));
  }

  const Matches made = MakeMatches(tickets);

  EXPECT_THAT(made.status, IsOk());
  EXPECT_EQ(made.answers.size(), 2u);
  AwaitAtRest();
}

TEST_F(Hostile, LongTextsAreNotRepeatedInErrors) {
  pb::GetStatCodesRequest request;
  request.mutable_rules()->set_json("{\"shipCountMin\":\"" + std::string(60'000, 'x') + "\"}");

  const absl::Status status = Call("GetStatCodes", request.SerializeAsString());

  EXPECT_THAT(status, StatusIs(kInvalid, testing::HasSubstr("shipCountMin")));
  EXPECT_LT(status.message().size(), 200u);
}

TEST_F(Hostile, DeepAttributesAreReadOrRefused) {
  for (const int depth : {1, 20, 90, 200, 5000}) {
    google::protobuf::Value value;
    for (int i = 0; i < depth; ++i) {
      google::protobuf::Value outer;
      outer.mutable_list_value()->add_values()->Swap(&value);
      value.Swap(&outer);
    }
    pb::Ticket ticket = TicketOf("a");
    (*ticket.mutable_ticket_attributes()->mutable_fields())["deep"].Swap(&value);

    const absl::Status status = MakeMatches({ticket, TicketOf("b")}).status;

    EXPECT_TRUE(depth > 20 ? absl::IsInvalidArgument(status) : status.ok()) << depth;
  }
  ExpectStillWell();
}

// What a caller may do instead of going on.
enum class Leave { kHalfClose, kCancel, kVanish };

class Leaving : public Hostile, public testing::WithParamInterface<const char*> {};

TEST_P(Leaving, AtEveryPointLeavesNothingBehind) {
  std::vector<std::string> frames;
  for (const auto& message : MessagesOf(GetParam())) frames.push_back(message->SerializeAsString());
  frames.push_back(Frame(FullTicket("c")).SerializeAsString());
  for (size_t sent = 0; sent <= frames.size(); ++sent) {
    for (const Leave leave : {Leave::kHalfClose, Leave::kCancel, Leave::kVanish}) {
      const auto stream = Open(GetParam());
      for (size_t i = 0; i < sent; ++i) stream->Send(frames[i]);
      if (leave == Leave::kCancel) stream->Cancel();
      if (leave == Leave::kVanish) continue;
      const absl::Status status = stream->Close();
      const bool cut_short = leave == Leave::kCancel;
      EXPECT_TRUE(cut_short || status.ok() || absl::IsInvalidArgument(status)) << status.ToString();
    }
  }
  ExpectStillWell();
}

TEST_P(Leaving, WithItsConnectionLeavesNothingBehind) {
  for (int i = 0; i < 20; ++i) {
    const auto connection = NewChannel();
    RawStream stream(connection, GetParam());
    for (const auto& message : MessagesOf(GetParam())) stream.Send(*message);
  }
  ExpectStillWell();
}

INSTANTIATE_TEST_SUITE_P(Streams, Leaving, testing::Values("MakeMatches", "BackfillMatches"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace muster::rpc
