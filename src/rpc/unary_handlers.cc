#include "rpc/unary_handlers.h"

#include <optional>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "rpc/guarded.h"
#include "rpc/logic_for.h"
#include "rpc/ticket_codec.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

// Longest piece of a caller's text that a log line repeats.
constexpr size_t kMaxShownBytes = 128;

// A decoded ticket with the memory of the last one on this thread: building one anew takes a
// dozen allocations. A large one is not kept.
class ScratchTicket {
 public:
  explicit ScratchTicket(size_t wire_bytes) : is_kept_(wire_bytes <= kKeepDecodedBytes) {}
  ~ScratchTicket() {
    if (!is_kept_) ticket() = match::Ticket();
  }
  ScratchTicket(const ScratchTicket&) = delete;
  ScratchTicket& operator=(const ScratchTicket&) = delete;

  match::Ticket& ticket() const {
    thread_local match::Ticket ticket;
    return ticket;
  }

 private:
  const bool is_kept_;
};

}  // namespace

absl::StatusOr<grpc::ByteBuffer> UnaryHandlers::Answer(ObservedCall& call,
                                                       const grpc::ByteBuffer& request) {
  grpc::ByteBuffer response;
  absl::Status status = Guarded([&]() -> absl::Status {
    MUSTER_RETURN_IF_ERROR(context_.CheckMessageSize(request.Length()));
    const ContiguousBytes bytes(request);
    MUSTER_ASSIGN_OR_RETURN(response, Handle(call, bytes.view()));
    return absl::OkStatus();
  });
  if (absl::IsInvalidArgument(status)) context_.metrics.BadRequest(call.method());
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<grpc::ByteBuffer> UnaryHandlers::Handle(ObservedCall& call,
                                                       std::string_view request) {
  switch (call.method()) {
    case telemetry::Method::kGetStatCodes:
      return StatCodes(call, request);
    case telemetry::Method::kValidateTicket:
      return Validate(call, request);
    case telemetry::Method::kEnrichTicket:
      return Enrich(request);
    case telemetry::Method::kMakeMatches:
    case telemetry::Method::kBackfillMatches:
      break;
  }
  return absl::InternalError("not a unary call");
}

absl::StatusOr<grpc::ByteBuffer> UnaryHandlers::StatCodes(ObservedCall& call,
                                                          std::string_view request) {
  MessageArena arena;
  auto& message = *arena.New<pb::GetStatCodesRequest>();
  MUSTER_RETURN_IF_ERROR(ParseMessage(request, &message));
  MUSTER_ASSIGN_OR_RETURN(const std::shared_ptr<const match::MatchLogic> logic,
                          LogicFor(call, context_.logics, message.rules().json()));
  pb::StatCodesResponse response;
  for (const std::string& code : logic->StatCodes()) response.add_codes(code);
  return ToBuffer(response);
}

absl::StatusOr<grpc::ByteBuffer> UnaryHandlers::Validate(ObservedCall& call,
                                                         std::string_view request) {
  MessageArena arena;
  auto& message = *arena.New<pb::ValidateTicketRequest>();
  MUSTER_RETURN_IF_ERROR(ParseMessage(request, &message));
  if (!message.has_ticket()) {
    return absl::InvalidArgumentError("ValidateTicketRequest.ticket: is not set");
  }
  context_.metrics.TicketReceived(telemetry::Method::kValidateTicket);
  MUSTER_ASSIGN_OR_RETURN(const std::shared_ptr<const match::MatchLogic> logic,
                          LogicFor(call, context_.logics, message.rules().json()));
  const ScratchTicket scratch(request.size());
  match::Ticket& ticket = scratch.ticket();
  DecodeTicket(message.ticket(), &ticket);
  const std::optional<match::InvalidTicket> invalid = logic->ValidateTicket(ticket);
  if (invalid) {
    context_.metrics.TicketInvalid(invalid->reason);
    call.Log(telemetry::LogLevel::kInfo, "ticket not valid",
             {{"ticket_id", std::string_view(ticket.id).substr(0, kMaxShownBytes)},
              {"reason", invalid->reason},
              {"detail", std::string_view(invalid->message).substr(0, kMaxShownBytes)}});
  }
  pb::ValidateTicketResponse response;
  response.set_valid_ticket(!invalid);
  return ToBuffer(response);
}

absl::StatusOr<grpc::ByteBuffer> UnaryHandlers::Enrich(std::string_view request) {
  MessageArena arena;
  auto& message = *arena.New<pb::EnrichTicketRequest>();
  MUSTER_RETURN_IF_ERROR(ParseMessage(request, &message));
  if (!message.has_ticket()) {
    return absl::InvalidArgumentError("EnrichTicketRequest.ticket: is not set");
  }
  context_.metrics.TicketReceived(telemetry::Method::kEnrichTicket);
  match::Object added;
  if (default_logic_ != nullptr) {
    const ScratchTicket scratch(request.size());
    DecodeTicket(message.ticket(), &scratch.ticket());
    added = default_logic_->EnrichTicket(scratch.ticket());
  }
  // Serialising the message that was parsed keeps the fields we do not know.
  if (!added.empty()) EncodeStruct(added, message.mutable_ticket()->mutable_ticket_attributes());
  auto& response = *arena.New<pb::EnrichTicketResponse>();
  response.mutable_ticket()->Swap(message.mutable_ticket());
  return ToBuffer(response);
}

}  // namespace muster::rpc
