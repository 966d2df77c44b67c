#pragma once

#include <memory>

#include "base/worker_pool.h"
#include "grpcpp/support/byte_buffer.h"
#include "match_function.grpc.pb.h"
#include "rpc/call_observer.h"
#include "rpc/guard.h"
#include "rpc/idle_watch.h"
#include "rpc/service_context.h"
#include "rpc/stream_call.h"
#include "rpc/stream_slots.h"
#include "rpc/unary_handlers.h"

namespace muster::rpc {

// The generated service with all methods raw: generated ones hide messages that do not parse (a
// stream would seem half-closed), and tickets are to be echoed byte for byte.
using GeneratedService = accelbyte::matchmaking::matchfunction::MatchFunction;
using RawUnaryMethods = GeneratedService::WithRawCallbackMethod_GetStatCodes<
    GeneratedService::WithRawCallbackMethod_ValidateTicket<
        GeneratedService::WithRawCallbackMethod_EnrichTicket<GeneratedService::Service>>>;
using RawMatchFunction = GeneratedService::WithRawCallbackMethod_MakeMatches<
    GeneratedService::WithRawCallbackMethod_BackfillMatches<RawUnaryMethods>>;

// The five calls as gRPC sees them. Each is observed, then checked by the guard, and only then
// handed to those who know what it means: UnaryHandlers, or a session on a StreamCall. Idempotent:
// a caller's proxy may repeat a call.
class MatchFunctionService final : public RawMatchFunction {
 public:
  // What is passed by reference outlives the service.
  MatchFunctionService(ServiceContext& context, const CallObserver& observer, Guard& guard,
                       base::WorkerPool& workers, IdleWatch& watch,
                       std::shared_ptr<const match::MatchLogic> default_logic);

  grpc::ServerUnaryReactor* GetStatCodes(grpc::CallbackServerContext* call,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ValidateTicket(grpc::CallbackServerContext* call,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* EnrichTicket(grpc::CallbackServerContext* call,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* MakeMatches(
      grpc::CallbackServerContext* call) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* BackfillMatches(
      grpc::CallbackServerContext* call) override;

 private:
  grpc::ServerUnaryReactor* Unary(telemetry::Method method, grpc::CallbackServerContext* call,
                                  const grpc::ByteBuffer* request, grpc::ByteBuffer* response);
  // A unary call under way. Request and response live until the reactor is finished.
  struct UnaryCall {
    std::shared_ptr<ObservedCall> observed;
    const grpc::ByteBuffer* request;
    grpc::ByteBuffer* response;
    grpc::ServerUnaryReactor* reactor;
  };
  // Keeps a call until IAM has answered.
  void Hold(const UnaryCall& call, Guard::OpenQuestion token);
  // Lets a call in, on a worker: IAM's thread must not run a studio's code.
  void LetIn(const UnaryCall& call);
  void Answer(const UnaryCall& call);
  static void End(const UnaryCall& call, const absl::Status& status);
  template <typename Session>
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Stream(
      telemetry::Method method, grpc::CallbackServerContext* call);
  // Starts a stream that may come in, unless there are too many.
  void Begin(StreamCall& stream);

  ServiceContext& context_;
  const CallObserver& observer_;
  Guard& guard_;
  base::WorkerPool& workers_;
  IdleWatch& watch_;
  UnaryHandlers unary_;
  StreamSlots slots_;
};

}  // namespace muster::rpc
