#pragma once

#include <span>
#include <string>
#include <string_view>

#include "google/protobuf/struct.pb.h"
#include "match/admission.h"
#include "match/match.h"
#include "match/ticket.h"
#include "match/value.h"
#include "match_function.pb.h"

// Wire messages to the core's plain values.
namespace muster::rpc {

namespace pb = ::accelbyte::matchmaking::matchfunction;

// Fills `ticket`, whose memory is used again. A creation time outside the years 1 to 9999 is moved
// to the nearest of them.
void DecodeTicket(const pb::Ticket& message, match::Ticket* ticket);

match::BackfillTicket DecodeBackfillTicket(const pb::BackfillTicket& message);

match::Object DecodeStruct(const google::protobuf::Struct& message);
// Sets the object's entries, replacing those of the same name; others stay.
void EncodeStruct(const match::Object& object, google::protobuf::Struct* message);

// What a team needs to know of a ticket.
struct TicketNames {
  match::TicketIdentity identity;
  std::string_view party_session_id;
};

// Reads the names of a ticket straight from its wire bytes, which the views point into. `wire`
// parses as a Ticket. `names` is used again to save memory.
void ScanTicket(std::string_view wire, TicketNames* names);

// The wire form of a ticket after its players were updated. `updates` are all of this ticket and
// ordered by player. Attributes of the same name are replaced; what is not updated stays byte for
// byte. `wire` parses as a Ticket.
std::string UpdatePlayers(std::string_view wire,
                          std::span<const match::PlayerUpdate* const> updates);

}  // namespace muster::rpc
