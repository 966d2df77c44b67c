#include "rpc/match_function_service.h"

#include <memory>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "rpc/backfill_session.h"
#include "rpc/make_matches_session.h"
#include "rpc/wire.h"

namespace muster::rpc {

using telemetry::Method;

MatchFunctionService::MatchFunctionService(ServiceContext& context, const CallObserver& observer,
                                           Guard& guard, base::WorkerPool& workers,
                                           IdleWatch& watch,
                                           std::shared_ptr<const match::MatchLogic> default_logic)
    : context_(context),
      observer_(observer),
      guard_(guard),
      workers_(workers),
      watch_(watch),
      unary_(context, std::move(default_logic)),
      slots_(context.limits.max_streams, context.metrics) {}

grpc::ServerUnaryReactor* MatchFunctionService::GetStatCodes(grpc::CallbackServerContext* call,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* response) {
  return Unary(Method::kGetStatCodes, call, request, response);
}

grpc::ServerUnaryReactor* MatchFunctionService::ValidateTicket(grpc::CallbackServerContext* call,
                                                               const grpc::ByteBuffer* request,
                                                               grpc::ByteBuffer* response) {
  return Unary(Method::kValidateTicket, call, request, response);
}

grpc::ServerUnaryReactor* MatchFunctionService::EnrichTicket(grpc::CallbackServerContext* call,
                                                             const grpc::ByteBuffer* request,
                                                             grpc::ByteBuffer* response) {
  return Unary(Method::kEnrichTicket, call, request, response);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MatchFunctionService::MakeMatches(
    grpc::CallbackServerContext* call) {
  return Stream<MakeMatchesSession>(Method::kMakeMatches, call);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MatchFunctionService::BackfillMatches(
    grpc::CallbackServerContext* call) {
  return Stream<BackfillSession>(Method::kBackfillMatches, call);
}

grpc::ServerUnaryReactor* MatchFunctionService::Unary(Method method,
                                                      grpc::CallbackServerContext* call,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  const UnaryCall unary{std::make_shared<ObservedCall>(observer_, method, *call), request, response,
                        call->DefaultReactor()};
  unary.observed->MessageReceived(request->Length());
  const auto checked = guard_.CheckNow(*call, *unary.observed);
  if (const auto* token = std::get_if<Guard::OpenQuestion>(&checked)) {
    Hold(unary, *token);
  } else if (const auto& admission = std::get<Guard::Admission>(checked); admission.ok()) {
    Answer(unary);
  } else {
    End(unary, admission);
  }
  return unary.reactor;
}

void MatchFunctionService::Hold(const UnaryCall& call, Guard::OpenQuestion token) {
  // Whoever waits here has shown nothing but a token: it must not hold much.
  const size_t bytes = call.request->Length();
  if (bytes > context_.limits.max_message_bytes || !context_.buffered->TryTake(bytes)) {
    context_.metrics.LimitReached(bytes > context_.limits.max_message_bytes
                                      ? telemetry::Limit::kMessageBytes
                                      : telemetry::Limit::kBufferedBytes);
    return End(call, absl::ResourceExhaustedError("the request is too large to be kept waiting"));
  }
  guard_.CheckLater(token, call.observed, [this, call, bytes](const Guard::Admission& admission) {
    context_.buffered->Return(bytes);
    if (!admission.ok()) return End(call, admission);
    LetIn(call);
  });
}

void MatchFunctionService::LetIn(const UnaryCall& call) {
  if (workers_.Submit([this, call] { Answer(call); })) return;
  context_.metrics.LimitReached(telemetry::Limit::kWorkerQueue);
  End(call, absl::ResourceExhaustedError("too many calls wait for a worker"));
}

void MatchFunctionService::Answer(const UnaryCall& call) {
  absl::StatusOr<grpc::ByteBuffer> answer = unary_.Answer(*call.observed, *call.request);
  if (!answer.ok()) return End(call, answer.status());
  call.observed->MessageSent(answer->Length());
  *call.response = *std::move(answer);
  End(call, absl::OkStatus());
}

void MatchFunctionService::End(const UnaryCall& call, const absl::Status& status) {
  call.observed->End(status);
  call.reactor->Finish(ToGrpcStatus(status));
}

void MatchFunctionService::Begin(StreamCall& stream) {
  if (std::unique_ptr<StreamSlots::Slot> slot = slots_.Take()) {
    return stream.Begin(std::move(slot));
  }
  stream.Refuse(
      absl::ResourceExhaustedError(base::StrCat(context_.limits.max_streams, " streams are open")));
}

template <typename Session>
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MatchFunctionService::Stream(
    Method method, grpc::CallbackServerContext* call) {
  const auto observed = std::make_shared<ObservedCall>(observer_, method, *call);
  const auto checked = guard_.CheckNow(*call, *observed);
  const auto* admission = std::get_if<Guard::Admission>(&checked);
  // It deletes itself when gRPC is done with it.
  if (admission != nullptr && !admission->ok()) return new RefusedStream(*observed, *admission);
  const auto make_session = [this, &observed](std::stop_token stop, WakeUp wake_up) {
    return std::make_unique<Session>(context_, *observed, std::move(stop), std::move(wake_up));
  };
  const std::shared_ptr<StreamCall> stream =
      StreamCall::Create(call, observed, context_, workers_, watch_, make_session);
  if (admission != nullptr) {
    Begin(*stream);
    return stream.get();
  }
  const std::weak_ptr<StreamCall> held = stream;
  guard_.CheckLater(std::get<Guard::OpenQuestion>(checked), observed,
                    [this, held](const Guard::Admission& late) {
                      const std::shared_ptr<StreamCall> waiting = held.lock();
                      // The caller may have gone meanwhile.
                      if (waiting == nullptr) return;
                      if (late.ok()) return Begin(*waiting);
                      waiting->Refuse(late);
                    });
  return stream.get();
}

}  // namespace muster::rpc
