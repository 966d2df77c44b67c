#include "rpc/ticket_codec.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the ends of protobuf's Timestamp.
constexpr int64_t kMinSeconds = -62'135'596'800;
constexpr int64_t kMaxSeconds = 253'402'300'799;
constexpr int32_t kMaxNanos = 999'999'999;

base::Timestamp DecodeTime(const Timestamp& message) {
  const std::chrono::seconds seconds(std::clamp(message.seconds(), kMinSeconds, kMaxSeconds));
  const std::chrono::nanoseconds nanos(std::clamp(message.nanos(), 0, kMaxNanos));
  return base::Timestamp(seconds + std::chrono::floor<std::chrono::milliseconds>(nanos));
}

match::Value DecodeValue(const google::protobuf::Value& message) {
  using google::protobuf::Value;
  switch (message.kind_case()) {
    case Value::kNumberValue:
      return message.number_value();
    case Value::kStringValue:
      return message.string_value();
    case Value::kBoolValue:
      return message.bool_value();
    case Value::kStructValue:
      return DecodeStruct(message.struct_value());
    case Value::kListValue: {
      match::List list;
      list.reserve(static_cast<size_t>(message.list_value().values_size()));
      for (const Value& item : message.list_value().values()) list.push_back(DecodeValue(item));
      return list;
    }
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      return {};
  }
  return {};
}

void EncodeValue(const match::Value& value, google::protobuf::Value* message) {
  if (const bool* flag = value.bool_value()) {
    message->set_bool_value(*flag);
  } else if (const double* number = value.number()) {
    message->set_number_value(*number);
  } else if (const std::string* text = value.text()) {
    message->set_string_value(*text);
  } else if (const match::List* list = value.list()) {
    google::protobuf::ListValue* const items = message->mutable_list_value();
    for (const match::Value& item : *list) EncodeValue(item, items->add_values());
  } else if (const match::Object* object = value.object()) {
    EncodeStruct(*object, message->mutable_struct_value());
  } else {
    message->set_null_value(google::protobuf::NULL_VALUE);
  }
}

// Walks the length-delimited fields of a message that is known to be well formed: the number of
// each, its bytes, and where it begins with its tag.
template <typename OnField>
void ForEachField(std::string_view wire, const OnField& on_field) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                         static_cast<int>(wire.size()));
  for (;;) {
    const auto begin = static_cast<size_t>(input.CurrentPosition());
    const uint32_t tag = input.ReadTag();
    if (tag == 0) return;
    uint32_t size = 0;
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&input, tag)) return;
      continue;
    }
    if (!input.ReadVarint32(&size)) return;
    const auto start = static_cast<size_t>(input.CurrentPosition());
    if (!input.Skip(static_cast<int>(size))) return;
    on_field(WireFormatLite::GetTagFieldNumber(tag), wire.substr(start, size), begin);
  }
}

std::string_view ScanPlayerId(std::string_view wire) {
  std::string_view id;
  ForEachField(wire, [&id](int field, std::string_view bytes, size_t /*begin*/) {
    if (field == pb::Ticket_PlayerData::kPlayerIdFieldNumber) id = bytes;
  });
  return id;
}

template <typename Repeated>
void AppendIds(const Repeated& ids, std::vector<std::string>* out) {
  out->insert(out->end(), ids.begin(), ids.end());
}

}  // namespace

match::Object DecodeStruct(const google::protobuf::Struct& message) {
  std::vector<match::Object::Entry> entries;
  entries.reserve(message.fields().size());
  for (const auto& [name, value] : message.fields()) entries.emplace_back(name, DecodeValue(value));
  return match::Object(std::move(entries));
}

void EncodeStruct(const match::Object& object, google::protobuf::Struct* message) {
  for (const auto& [name, value] : object) {
    google::protobuf::Value& slot = (*message->mutable_fields())[name];
    slot.Clear();
    EncodeValue(value, &slot);
  }
}

void DecodeTicket(const pb::Ticket& message, match::Ticket* ticket) {
  ticket->id = message.ticket_id();
  ticket->match_pool = message.match_pool();
  ticket->created_at.reset();
  if (message.has_createdat()) ticket->created_at = DecodeTime(message.createdat());
  ticket->players.resize(static_cast<size_t>(message.players_size()));
  for (int i = 0; i < message.players_size(); ++i) {
    match::Player& player = ticket->players[static_cast<size_t>(i)];
    player.id = message.players(i).player_id();
    player.attributes = DecodeStruct(message.players(i).attributes());
  }
  ticket->attributes = DecodeStruct(message.ticket_attributes());
  ticket->latencies.clear();
  for (const auto& [region, ms] : message.latencies()) ticket->latencies.push_back({region, ms});
  std::sort(ticket->latencies.begin(), ticket->latencies.end(),
            [](const auto& a, const auto& b) { return a.region < b.region; });
  ticket->party_session_id = message.party_session_id();
  ticket->name_space = message.namespace_();
  ticket->excluded_sessions.assign(message.excluded_sessions().begin(),
                                   message.excluded_sessions().end());
}

match::BackfillTicket DecodeBackfillTicket(const pb::BackfillTicket& message) {
  const pb::BackfillTicket_PartialMatch& partial = message.partial_match();
  match::BackfillTicket ticket;
  ticket.id = message.ticket_id();
  ticket.match_pool = message.match_pool();
  if (message.has_createdat()) ticket.created_at = DecodeTime(message.createdat());
  ticket.session_id = message.match_session_id();
  for (const pb::BackfillTicket_Team& team : partial.teams()) {
    match::SessionTeam& session_team = ticket.teams.emplace_back();
    session_team.id = team.team_id();
    AppendIds(team.user_ids(), &session_team.user_ids);
    // A sender may list players with their parties only.
    for (const pb::Party& party : team.parties()) {
      for (const std::string& id : party.user_ids()) {
        const auto& known = session_team.user_ids;
        if (std::find(known.begin(), known.end(), id) == known.end()) {
          session_team.user_ids.push_back(id);
        }
      }
    }
  }
  for (const pb::Ticket& member : partial.tickets()) {
    DecodeTicket(member, &ticket.tickets.emplace_back());
  }
  AppendIds(partial.region_preferences(), &ticket.region_preferences);
  ticket.attributes = DecodeStruct(partial.match_attributes());
  ticket.server_name = partial.server_name();
  ticket.client_version = partial.client_version();
  return ticket;
}

void ScanTicket(std::string_view wire, TicketNames* names) {
  match::TicketIdentity& identity = names->identity;
  identity.ticket_id = identity.match_pool = names->party_session_id = {};
  identity.player_ids.clear();
  ForEachField(wire, [&](int field, std::string_view bytes, size_t /*begin*/) {
    switch (field) {
      case pb::Ticket::kTicketIdFieldNumber:
        identity.ticket_id = bytes;
        break;
      case pb::Ticket::kMatchPoolFieldNumber:
        identity.match_pool = bytes;
        break;
      case pb::Ticket::kPlayersFieldNumber:
        identity.player_ids.push_back(ScanPlayerId(bytes));
        break;
      case pb::Ticket::kPartySessionIdFieldNumber:
        names->party_session_id = bytes;
        break;
      default:
        break;
    }
  });
}

std::string UpdatePlayers(std::string_view wire,
                          std::span<const match::PlayerUpdate* const> updates) {
  std::string out;
  size_t copied = 0;
  size_t player = 0;
  auto next = updates.begin();
  MessageArena arena;
  ForEachField(wire, [&](int field, std::string_view bytes, size_t begin) {
    if (field != pb::Ticket::kPlayersFieldNumber) return;
    const size_t here = player++;
    if (next == updates.end() || (*next)->player != here) return;
    auto& message = *arena.New<pb::Ticket_PlayerData>();
    // It parsed before, as a part of the ticket.
    (void)ParseMessage(bytes, &message);
    for (; next != updates.end() && (*next)->player == here; ++next) {
      EncodeStruct((*next)->attributes, message.mutable_attributes());
    }
    out.append(wire.substr(copied, begin - copied));
    AppendFieldHeader(&out, field, message.ByteSizeLong());
    AppendMessage(&out, message);
    copied = static_cast<size_t>(bytes.data() + bytes.size() - wire.data());
    arena.Reset();
  });
  out.append(wire.substr(copied));
  return out;
}

}  // namespace muster::rpc
