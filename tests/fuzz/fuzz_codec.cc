#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "match_function.pb.h"
#include "rpc/answer_codec.h"
#include "rpc/ticket_codec.h"
#include "rpc/ticket_store.h"
#include "rpc/wire.h"
#include "tests/fuzz/fuzz_check.h"

// Any bytes, as each message that the codec reads: it never fails where the generated parser
// succeeds, and what it reads and echoes is what the generated parser reads.
namespace muster::rpc {
namespace {

std::string Serialized(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// Reading and writing a Struct twice changes nothing that reading and writing it once did not.
void CheckStruct(const google::protobuf::Struct& message) {
  google::protobuf::Struct once;
  EncodeStruct(DecodeStruct(message), &once);
  FUZZ_CHECK(once.fields_size() == message.fields_size());
  google::protobuf::Struct twice;
  EncodeStruct(DecodeStruct(once), &twice);
  FUZZ_CHECK(Serialized(once) == Serialized(twice));
}

void CheckDecoded(const pb::Ticket& message) {
  match::Ticket ticket;
  DecodeTicket(message, &ticket);
  FUZZ_CHECK(ticket.id == message.ticket_id());
  FUZZ_CHECK(ticket.players.size() == static_cast<size_t>(message.players_size()));
  FUZZ_CHECK(ticket.created_at.has_value() == message.has_createdat());
  FUZZ_CHECK(ticket.latencies.size() == message.latencies().size());
  const auto by_region = [](const auto& a, const auto& b) { return a.region < b.region; };
  FUZZ_CHECK(std::is_sorted(ticket.latencies.begin(), ticket.latencies.end(), by_region));
  CheckStruct(message.ticket_attributes());
}

void CheckNames(std::string_view wire, const pb::Ticket& message) {
  TicketNames names;
  ScanTicket(wire, &names);
  FUZZ_CHECK(names.identity.ticket_id == message.ticket_id());
  FUZZ_CHECK(names.identity.match_pool == message.match_pool());
  FUZZ_CHECK(names.party_session_id == message.party_session_id());
  FUZZ_CHECK(names.identity.player_ids.size() == static_cast<size_t>(message.players_size()));
  for (int i = 0; i < message.players_size(); ++i) {
    FUZZ_CHECK(names.identity.player_ids[static_cast<size_t>(i)] == message.players(i).player_id());
  }
}

// A match of this ticket alone comes back as a message that holds it unchanged.
void CheckEcho(std::string_view wire, const pb::Ticket& message) {
  const auto budget = std::make_shared<base::ByteBudget>(SIZE_MAX);
  const auto store = std::make_shared<TicketStore>(pb::Match::kTicketsFieldNumber, budget);
  FUZZ_CHECK(store->Add(wire).ok());
  match::Match match;
  match.teams.push_back({"team", {0}});
  const EncodedAnswer answer = EncodeMatch(match, store);
  pb::MatchResponse response;
  FUZZ_CHECK(ParseMessage(ContiguousBytes(answer.message).view(), &response).ok());
  FUZZ_CHECK(response.match().tickets_size() == 1);
  FUZZ_CHECK(Serialized(response.match().tickets(0)) == Serialized(message));
  FUZZ_CHECK(answer.players == message.players_size());
}

void CheckTicket(std::string_view wire) {
  pb::Ticket message;
  if (!ParseMessage(wire, &message).ok()) return;
  CheckDecoded(message);
  CheckNames(wire, message);
  CheckEcho(wire, message);
}

void CheckBackfillTicket(std::string_view wire) {
  pb::BackfillTicket message;
  if (!ParseMessage(wire, &message).ok()) return;
  const match::BackfillTicket ticket = DecodeBackfillTicket(message);
  FUZZ_CHECK(ticket.teams.size() == static_cast<size_t>(message.partial_match().teams_size()));
  const auto budget = std::make_shared<base::ByteBudget>(SIZE_MAX);
  const auto store =
      std::make_shared<TicketStore>(pb::BackfillProposal::kAddedTicketsFieldNumber, budget);
  match::BackfillProposal proposal;
  proposal.attributes = ticket.attributes;
  const EncodedAnswer answer = EncodeProposal(proposal, store, wire);
  pb::BackfillResponse response;
  FUZZ_CHECK(ParseMessage(ContiguousBytes(answer.message).view(), &response).ok());
  FUZZ_CHECK(response.backfill_proposal().backfill_ticket_id() == message.ticket_id());
}

// What is taken out of a frame without parsing it is what the parser finds there.
void CheckFrame(std::string_view frame) {
  const std::string_view wire = OnlyField(frame, pb::MakeMatchesRequest::kTicketFieldNumber);
  pb::MakeMatchesRequest request;
  if (wire.data() == nullptr || !ParseMessage(frame, &request).ok()) return;
  pb::Ticket ticket;
  FUZZ_CHECK(request.has_ticket());
  FUZZ_CHECK(ParseMessage(wire, &ticket).ok());
  FUZZ_CHECK(Serialized(ticket) == Serialized(request.ticket()));
}

}  // namespace
}  // namespace muster::rpc

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  muster::rpc::CaptureProtobufLog();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  muster::rpc::CheckTicket(bytes);
  muster::rpc::CheckBackfillTicket(bytes);
  muster::rpc::CheckFrame(bytes);
  return 0;
}
