#include "rpc/match_function_service.h"

#include <optional>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "rpc/backfill_session.h"
#include "rpc/guarded.h"
#include "rpc/make_matches_session.h"
#include "rpc/ticket_codec.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

// Longest piece of a caller's text that a log line repeats.
constexpr size_t kMaxShownBytes = 128;

}  // namespace

MatchFunctionService::MatchFunctionService(ServiceContext& context, base::WorkerPool& workers,
                                           IdleWatch& watch,
                                           std::shared_ptr<const match::MatchLogic> default_logic)
    : context_(context),
      workers_(workers),
      watch_(watch),
      default_logic_(std::move(default_logic)) {}

grpc::ServerUnaryReactor* MatchFunctionService::GetStatCodes(grpc::CallbackServerContext* call,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* response) {
  return Answer(call, telemetry::Method::kGetStatCodes, *request, response,
                &MatchFunctionService::StatCodes);
}

grpc::ServerUnaryReactor* MatchFunctionService::ValidateTicket(grpc::CallbackServerContext* call,
                                                               const grpc::ByteBuffer* request,
                                                               grpc::ByteBuffer* response) {
  return Answer(call, telemetry::Method::kValidateTicket, *request, response,
                &MatchFunctionService::Validate);
}

grpc::ServerUnaryReactor* MatchFunctionService::EnrichTicket(grpc::CallbackServerContext* call,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* response) {
  return Answer(call, telemetry::Method::kEnrichTicket, *request, response,
                &MatchFunctionService::Enrich);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MatchFunctionService::MakeMatches(
    grpc::CallbackServerContext* call) {
  return StartStream<MakeMatchesSession>(call, telemetry::Method::kMakeMatches);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MatchFunctionService::BackfillMatches(
    grpc::CallbackServerContext* call) {
  return StartStream<BackfillSession>(call, telemetry::Method::kBackfillMatches);
}

grpc::ServerUnaryReactor* MatchFunctionService::Answer(grpc::CallbackServerContext* call,
                                                       telemetry::Method method,
                                                       const grpc::ByteBuffer& request,
                                                       grpc::ByteBuffer* response,
                                                       Handler handler) {
  absl::Status status = Guarded([&]() -> absl::Status {
    if (request.Length() > context_.limits.max_message_bytes) {
      context_.metrics.LimitReached(telemetry::Limit::kMessageBytes);
      return absl::ResourceExhaustedError(
          base::StrCat("a message of ", request.Length(), " bytes is larger than the ",
                       context_.limits.max_message_bytes, " allowed"));
    }
    const ContiguousBytes bytes(request);
    MUSTER_ASSIGN_OR_RETURN(*response, (this->*handler)(bytes.view()));
    return absl::OkStatus();
  });
  if (absl::IsInvalidArgument(status)) context_.metrics.BadRequest(method);
  grpc::ServerUnaryReactor* const reactor = call->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

template <typename Session>
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MatchFunctionService::StartStream(
    grpc::CallbackServerContext* call, telemetry::Method method) {
  if (open_streams_.fetch_add(1, std::memory_order_relaxed) >= context_.limits.max_streams) {
    open_streams_.fetch_sub(1, std::memory_order_relaxed);
    context_.metrics.LimitReached(telemetry::Limit::kStreams);
    // Deletes itself when gRPC is done with it.
    return new RefusedStream(absl::ResourceExhaustedError(base::StrCat(
        telemetry::MethodName(method), ": ", context_.limits.max_streams, " streams are open")));
  }
  context_.metrics.StreamsChanged(1);
  const auto make_session = [this](std::stop_token stop, WakeUp wake_up) {
    return std::make_unique<Session>(context_, std::move(stop), std::move(wake_up));
  };
  const auto on_done = [this] {
    open_streams_.fetch_sub(1, std::memory_order_relaxed);
    context_.metrics.StreamsChanged(-1);
  };
  return StreamCall::Start(call, context_, workers_, watch_, make_session, on_done);
}

absl::StatusOr<grpc::ByteBuffer> MatchFunctionService::StatCodes(std::string_view request) {
  MessageArena arena;
  auto& message = *arena.New<pb::GetStatCodesRequest>();
  MUSTER_RETURN_IF_ERROR(ParseMessage(request, &message));
  MUSTER_ASSIGN_OR_RETURN(const std::shared_ptr<const match::MatchLogic> logic,
                          context_.logics.Get(message.rules().json()));
  pb::StatCodesResponse response;
  for (const std::string& code : logic->StatCodes()) response.add_codes(code);
  return ToBuffer(response);
}

absl::StatusOr<grpc::ByteBuffer> MatchFunctionService::Validate(std::string_view request) {
  MessageArena arena;
  auto& message = *arena.New<pb::ValidateTicketRequest>();
  MUSTER_RETURN_IF_ERROR(ParseMessage(request, &message));
  if (!message.has_ticket()) {
    return absl::InvalidArgumentError("ValidateTicketRequest.ticket: is not set");
  }
  context_.metrics.TicketReceived(telemetry::Method::kValidateTicket);
  MUSTER_ASSIGN_OR_RETURN(const std::shared_ptr<const match::MatchLogic> logic,
                          context_.logics.Get(message.rules().json()));
  match::Ticket ticket;
  DecodeTicket(message.ticket(), &ticket);
  const std::optional<match::InvalidTicket> invalid = logic->ValidateTicket(ticket);
  if (invalid) {
    context_.metrics.TicketInvalid(invalid->reason);
    context_.log.Info("ticket not valid",
                      {{"ticket_id", std::string_view(ticket.id).substr(0, kMaxShownBytes)},
                       {"reason", invalid->reason},
                       {"detail", std::string_view(invalid->message).substr(0, kMaxShownBytes)}});
  }
  pb::ValidateTicketResponse response;
  response.set_valid_ticket(!invalid);
  return ToBuffer(response);
}

absl::StatusOr<grpc::ByteBuffer> MatchFunctionService::Enrich(std::string_view request) {
  MessageArena arena;
  auto& message = *arena.New<pb::EnrichTicketRequest>();
  MUSTER_RETURN_IF_ERROR(ParseMessage(request, &message));
  if (!message.has_ticket()) {
    return absl::InvalidArgumentError("EnrichTicketRequest.ticket: is not set");
  }
  context_.metrics.TicketReceived(telemetry::Method::kEnrichTicket);
  match::Ticket ticket;
  DecodeTicket(message.ticket(), &ticket);
  const match::Object added = default_logic_->EnrichTicket(ticket);
  // Serialising the message that was parsed keeps the fields we do not know.
  if (!added.empty()) EncodeStruct(added, message.mutable_ticket()->mutable_ticket_attributes());
  auto& response = *arena.New<pb::EnrichTicketResponse>();
  response.mutable_ticket()->Swap(message.mutable_ticket());
  return ToBuffer(response);
}

}  // namespace muster::rpc
