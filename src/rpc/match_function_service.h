#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/worker_pool.h"
#include "grpcpp/support/byte_buffer.h"
#include "match/match_logic.h"
#include "match_function.grpc.pb.h"
#include "rpc/idle_watch.h"
#include "rpc/service_context.h"
#include "rpc/stream_call.h"

namespace muster::rpc {

// The generated service with all methods raw: generated ones hide messages that do not parse (a
// stream would seem half-closed), and tickets are to be echoed byte for byte.
using GeneratedService = accelbyte::matchmaking::matchfunction::MatchFunction;
using RawUnaryMethods = GeneratedService::WithRawCallbackMethod_GetStatCodes<
    GeneratedService::WithRawCallbackMethod_ValidateTicket<
        GeneratedService::WithRawCallbackMethod_EnrichTicket<GeneratedService::Service>>>;
using RawMatchFunction = GeneratedService::WithRawCallbackMethod_MakeMatches<
    GeneratedService::WithRawCallbackMethod_BackfillMatches<RawUnaryMethods>>;

// The five calls. Idempotent: a caller's proxy may repeat a call. Errors of every call:
// INVALID_ARGUMENT naming message and field, RESOURCE_EXHAUSTED past a limit, INTERNAL when the
// logic fails.
class MatchFunctionService final : public RawMatchFunction {
 public:
  // `default_logic` is the logic without rules, which EnrichTicket uses.
  MatchFunctionService(ServiceContext& context, base::WorkerPool& workers, IdleWatch& watch,
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
  absl::StatusOr<grpc::ByteBuffer> StatCodes(std::string_view request);
  absl::StatusOr<grpc::ByteBuffer> Validate(std::string_view request);
  absl::StatusOr<grpc::ByteBuffer> Enrich(std::string_view request);

  using Handler = absl::StatusOr<grpc::ByteBuffer> (MatchFunctionService::*)(std::string_view);
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* call, telemetry::Method method,
                                   const grpc::ByteBuffer& request, grpc::ByteBuffer* response,
                                   Handler handler);
  template <typename Session>
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartStream(
      grpc::CallbackServerContext* call, telemetry::Method method);

  ServiceContext& context_;
  base::WorkerPool& workers_;
  IdleWatch& watch_;
  const std::shared_ptr<const match::MatchLogic> default_logic_;
  std::atomic<int64_t> open_streams_{0};
};

}  // namespace muster::rpc
