#include "rpc/ticket_codec.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

match::Object Attribute(const std::string& name, match::Value value) {
  match::Object object;
  object.Set(name, std::move(value));
  return object;
}

match::Ticket Decode(const pb::Ticket& message) {
  match::Ticket ticket;
  DecodeTicket(message, &ticket);
  return ticket;
}

pb::Ticket FullTicket() {
  pb::Ticket message;
  message.set_ticket_id("id");
  message.set_match_pool("pool");
  message.mutable_createdat()->set_seconds(1'700'000'000);
  message.mutable_createdat()->set_nanos(123'456'789);
  message.add_players()->set_player_id("ann");
  (*message.mutable_players(0)->mutable_attributes()->mutable_fields())["mmr"].set_number_value(7);
  message.add_players()->set_player_id("bob");
  (*message.mutable_ticket_attributes()->mutable_fields())["mode"].set_string_value("ctf");
  (*message.mutable_latencies())["west"] = 30;
  (*message.mutable_latencies())["east"] = 20;
  message.set_party_session_id("party");
  message.set_namespace_("space");
  message.add_excluded_sessions("s1");
  message.add_excluded_sessions("s2");
  return message;
}

TEST(TicketCodec, DecodesAllNamesOfATicket) {
  const match::Ticket ticket = Decode(FullTicket());

  EXPECT_EQ(ticket.id, "id");
  EXPECT_EQ(ticket.match_pool, "pool");
  EXPECT_EQ(ticket.party_session_id, "party");
  EXPECT_EQ(ticket.name_space, "space");
  EXPECT_THAT(ticket.excluded_sessions, ElementsAre("s1", "s2"));
}

TEST(TicketCodec, DecodesAllNumbersOfATicket) {
  const match::Ticket ticket = Decode(FullTicket());

  EXPECT_EQ(ticket.created_at, base::Timestamp(milliseconds(1'700'000'000'123)));
  ASSERT_THAT(ticket.players, SizeIs(2));
  EXPECT_EQ(ticket.players[0].id, "ann");
  EXPECT_EQ(*ticket.players[0].attributes.Find("mmr")->number(), 7);
  EXPECT_EQ(ticket.players[1].id, "bob");
  EXPECT_EQ(*ticket.attributes.Find("mode")->text(), "ctf");
  ASSERT_THAT(ticket.latencies, SizeIs(2));
  EXPECT_EQ(ticket.latencies[0].region, "east");
  EXPECT_EQ(ticket.latencies[1].ms, 30);
}

TEST(TicketCodec, LeavesNothingOfTheTicketBefore) {
  match::Ticket ticket = Decode(FullTicket());

  DecodeTicket(pb::Ticket(), &ticket);

  EXPECT_EQ(ticket.id + ticket.match_pool + ticket.party_session_id + ticket.name_space, "");
  EXPECT_FALSE(ticket.created_at);
  EXPECT_THAT(ticket.players, IsEmpty());
  EXPECT_TRUE(ticket.attributes.empty());
  EXPECT_THAT(ticket.latencies, IsEmpty());
  EXPECT_THAT(ticket.excluded_sessions, IsEmpty());
}

TEST(TicketCodec, LeavesNoAttributesOfAPlayerBefore) {
  match::Ticket ticket = Decode(FullTicket());
  pb::Ticket plain;
  plain.add_players()->set_player_id("cat");

  DecodeTicket(plain, &ticket);

  EXPECT_TRUE(ticket.players.at(0).attributes.empty());
}

TEST(TicketCodec, MovesTimesIntoTheYears1To9999) {
  const auto first = base::Timestamp(milliseconds(-62'135'596'800'000));
  const auto last = base::Timestamp(milliseconds(253'402'300'799'999));
  constexpr int32_t kAnyNanos[] = {0, std::numeric_limits<int32_t>::min(),
                                   std::numeric_limits<int32_t>::max()};
  for (const int32_t nanos : kAnyNanos) {
    pb::Ticket message;
    message.mutable_createdat()->set_nanos(nanos);

    message.mutable_createdat()->set_seconds(std::numeric_limits<int64_t>::min());
    EXPECT_GE(*Decode(message).created_at, first) << nanos;
    EXPECT_LT(*Decode(message).created_at, first + std::chrono::seconds(1)) << nanos;

    message.mutable_createdat()->set_seconds(std::numeric_limits<int64_t>::max());
    EXPECT_LE(*Decode(message).created_at, last) << nanos;
    EXPECT_GT(*Decode(message).created_at, last - std::chrono::seconds(1)) << nanos;
  }
}

TEST(TicketCodec, KeepsNumbersThatAreNotFinite) {
  google::protobuf::Struct message;
  (*message.mutable_fields())["nan"].set_number_value(std::nan(""));
  (*message.mutable_fields())["inf"].set_number_value(-std::numeric_limits<double>::infinity());

  const match::Object object = DecodeStruct(message);

  EXPECT_TRUE(std::isnan(*object.Find("nan")->number()));
  EXPECT_EQ(*object.Find("inf")->number(), -std::numeric_limits<double>::infinity());
}

TEST(TicketCodec, GivesBackTheStructItDecoded) {
  google::protobuf::Struct message;
  auto& fields = *message.mutable_fields();
  fields["null"].set_null_value(google::protobuf::NULL_VALUE);
  fields["flag"].set_bool_value(true);
  fields["text"].set_string_value("t");
  auto& inner = *fields["object"].mutable_struct_value()->mutable_fields();
  inner["list"].mutable_list_value()->add_values()->set_number_value(1.5);
  inner["list"].mutable_list_value()->add_values()->mutable_list_value();

  google::protobuf::Struct again;
  EncodeStruct(DecodeStruct(message), &again);

  const match::Object decoded = DecodeStruct(message);
  EXPECT_EQ(DecodeStruct(again), decoded);
  EXPECT_EQ(decoded.Find("object")->object()->Find("list")->list()->size(), 2u);
  EXPECT_TRUE(decoded.Find("null")->is_null());
  EXPECT_TRUE(*decoded.Find("flag")->bool_value());
}

TEST(TicketCodec, TakesAValueWithoutKindForNull) {
  google::protobuf::Struct message;
  (*message.mutable_fields())["unset"];

  EXPECT_TRUE(DecodeStruct(message).Find("unset")->is_null());
}

TEST(TicketCodec, SetsEntriesAndLeavesOthers) {
  google::protobuf::Struct message;
  (*message.mutable_fields())["stays"].set_number_value(1);
  (*message.mutable_fields())["goes"].mutable_list_value()->add_values();
  match::Object object;
  object.Set("goes", "new");

  EncodeStruct(object, &message);

  EXPECT_EQ(message.fields().at("stays").number_value(), 1);
  EXPECT_EQ(message.fields().at("goes").string_value(), "new");
}

TEST(TicketCodec, DecodesABackfillTicket) {
  pb::BackfillTicket message;
  message.set_ticket_id("id");
  message.set_match_pool("pool");
  message.set_match_session_id("session");
  message.mutable_createdat()->set_seconds(1);
  pb::BackfillTicket_PartialMatch& partial = *message.mutable_partial_match();
  partial.add_region_preferences("west");
  partial.add_region_preferences("east");
  partial.set_server_name("server");
  partial.set_client_version("version");
  (*partial.mutable_match_attributes()->mutable_fields())["map"].set_string_value("dust");

  const match::BackfillTicket ticket = DecodeBackfillTicket(message);

  EXPECT_EQ(ticket.id + ticket.match_pool + ticket.session_id, "idpoolsession");
  EXPECT_EQ(ticket.created_at, base::Timestamp(milliseconds(1000)));
  EXPECT_THAT(ticket.region_preferences, ElementsAre("west", "east"));
  EXPECT_EQ(ticket.server_name + ticket.client_version, "serverversion");
  EXPECT_EQ(*ticket.attributes.Find("map")->text(), "dust");
}

TEST(TicketCodec, DecodesTeamsAndTicketsOfABackfillTicket) {
  pb::BackfillTicket message;
  pb::BackfillTicket_PartialMatch& partial = *message.mutable_partial_match();
  partial.add_teams()->set_team_id("red");
  partial.mutable_teams(0)->add_user_ids("ann");
  partial.mutable_teams(0)->add_parties()->add_user_ids("eve");
  *partial.add_tickets() = FullTicket();

  const match::BackfillTicket ticket = DecodeBackfillTicket(message);

  EXPECT_EQ(ticket.teams.at(0).id, "red");
  EXPECT_THAT(ticket.teams.at(0).user_ids, ElementsAre("ann", "eve"));
  ASSERT_THAT(ticket.tickets, SizeIs(1));
  EXPECT_EQ(ticket.tickets[0].party_session_id, "party");
  EXPECT_EQ(ticket.tickets[0].players.at(1).id, "bob");
}

// Wire bytes of a ticket with any of its fields, any number of times, in any order, and with fields
// that nobody knows: what a parser must read as one ticket.
class RandomTicketBytes {
 public:
  explicit RandomTicketBytes(uint64_t seed) : random_(seed) {}

  std::string Next() {
    std::string bytes;
    const int pieces = Pick(12);
    for (int i = 0; i < pieces; ++i) bytes += Piece();
    return bytes;
  }

 private:
  int Pick(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  std::string Text() {
    return std::string(static_cast<size_t>(Pick(200)), static_cast<char>('a' + Pick(26)));
  }

  std::string Piece() {
    pb::Ticket piece;
    switch (Pick(8)) {
      case 0:
        // An empty text is not sent by a serializer, yet may come.
        return std::string("\x0a\x00", 2);
      case 1:
        piece.set_ticket_id(Text());
        break;
      case 2:
        piece.set_match_pool(Text());
        break;
      case 3:
        return Players();
      case 4:
        piece.set_party_session_id(Text());
        break;
      case 5:
        (*piece.mutable_latencies())[Text()] = Pick(1000);
        break;
      case 6:
        // Unknown fields of the other wire types: varint, fixed64, fixed32.
        return std::string("\xa0\x06\x05") + "\xa1\x06" + "12345678" + "\xa5\x06" + "1234";
      default:
        piece.mutable_createdat()->set_seconds(Pick(1000));
        break;
    }
    return piece.SerializeAsString();
  }

  // One player whose id stands there up to twice.
  std::string Players() {
    pb::Ticket_PlayerData first;
    pb::Ticket_PlayerData second;
    if (Pick(2) == 0) first.set_player_id(Text());
    if (Pick(2) == 0) second.set_player_id(Text());
    (*second.mutable_attributes()->mutable_fields())["mmr"].set_number_value(1);
    const std::string bytes = first.SerializeAsString() + second.SerializeAsString();
    pb::Ticket holder;
    EXPECT_TRUE(holder.add_players()->ParseFromString(bytes));
    std::string field = "\x22";
    for (size_t size = bytes.size(); true; size >>= 7) {
      field += static_cast<char>(size < 128 ? size : (size & 127) | 128);
      if (size < 128) break;
    }
    return field + bytes;
  }

  std::mt19937_64 random_;
};

TEST(TicketScan, AgreesWithTheGeneratedParser) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  RandomTicketBytes bytes(seed);
  TicketNames names;
  for (int i = 0; i < 5000; ++i) {
    const std::string wire = bytes.Next();
    pb::Ticket parsed;
    ASSERT_TRUE(parsed.ParseFromString(wire));
    std::vector<std::string> player_ids;
    for (const auto& player : parsed.players()) player_ids.push_back(player.player_id());

    ScanTicket(wire, &names);

    ASSERT_EQ(names.identity.ticket_id, parsed.ticket_id());
    ASSERT_EQ(names.identity.match_pool, parsed.match_pool());
    ASSERT_EQ(names.party_session_id, parsed.party_session_id());
    ASSERT_THAT(names.identity.player_ids, ElementsAreArray(player_ids));
  }
}

TEST(TicketScan, ReadsAnEmptyTicket) {
  TicketNames names;
  names.identity.ticket_id = "before";
  names.identity.player_ids = {"before"};

  ScanTicket("", &names);

  EXPECT_EQ(names.identity.ticket_id, "");
  EXPECT_THAT(names.identity.player_ids, IsEmpty());
}

class PlayerUpdates : public testing::Test {
 protected:
  void Update(size_t player, match::Object attributes) {
    updates_.push_back({0, player, std::move(attributes)});
  }

  std::string Apply(std::string_view wire) const {
    std::vector<const match::PlayerUpdate*> ordered;
    for (const match::PlayerUpdate& update : updates_) ordered.push_back(&update);
    return UpdatePlayers(wire, ordered);
  }

  std::vector<match::PlayerUpdate> updates_;
};

TEST_F(PlayerUpdates, SetAttributesAndLeaveTheOthers) {
  pb::Ticket message = FullTicket();
  Update(0, Attribute("role", "tank"));
  Update(0, Attribute("mmr", 8.0));
  Update(1, Attribute("role", "healer"));

  const match::Ticket ticket = [&] {
    pb::Ticket updated;
    EXPECT_TRUE(updated.ParseFromString(Apply(message.SerializeAsString())));
    return Decode(updated);
  }();

  match::Object both = Attribute("mmr", 8.0);
  both.Set("role", "tank");
  EXPECT_EQ(ticket.players.at(0).attributes, both);
  EXPECT_EQ(ticket.players.at(1).attributes, Attribute("role", "healer"));
  EXPECT_EQ(ticket.players.at(1).id, "bob");
}

// What of a ticket is not updated stays as it came, in its order and with fields nobody knows.
TEST_F(PlayerUpdates, LeaveWhatTheyDoNotNameByteForByte) {
  const std::string unknown = "\xa0\x06\x05";
  pb::Ticket around;
  around.set_ticket_id("id");
  around.add_players()->set_player_id("first");
  const std::string before = unknown + around.SerializeAsString();
  pb::Ticket_PlayerData player;
  ASSERT_TRUE(player.ParseFromString(unknown));
  player.set_player_id("second");
  std::string wire = before;
  AppendField(&wire, pb::Ticket::kPlayersFieldNumber, player.SerializeAsString());
  Update(1, Attribute("role", "tank"));

  const std::string updated = Apply(wire + unknown);

  (*player.mutable_attributes()->mutable_fields())["role"].set_string_value("tank");
  std::string expected = before;
  AppendField(&expected, pb::Ticket::kPlayersFieldNumber, player.SerializeAsString());
  EXPECT_EQ(updated, expected + unknown);
}

TEST_F(PlayerUpdates, OfNobodyChangeNothing) {
  const std::string wire = FullTicket().SerializeAsString();

  EXPECT_EQ(Apply(wire), wire);
  EXPECT_EQ(Apply(""), "");
}

TEST_F(PlayerUpdates, AgreeWithTheGeneratedParser) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  RandomTicketBytes bytes(seed);
  Update(0, Attribute("role", "tank"));
  Update(2, Attribute("role", "any"));
  for (int i = 0; i < 2000; ++i) {
    const std::string wire = bytes.Next();
    pb::Ticket expected;
    ASSERT_TRUE(expected.ParseFromString(wire));
    for (const match::PlayerUpdate& update : updates_) {
      const int player = static_cast<int>(update.player);
      if (player >= expected.players_size()) continue;
      EncodeStruct(update.attributes, expected.mutable_players(player)->mutable_attributes());
    }
    pb::Ticket updated;
    ASSERT_TRUE(updated.ParseFromString(Apply(wire)));

    std::string expected_bytes;
    std::string updated_bytes;
    AppendMessage(&expected_bytes, expected);
    AppendMessage(&updated_bytes, updated);
    ASSERT_EQ(updated_bytes, expected_bytes);
  }
}

}  // namespace
}  // namespace muster::rpc
