#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "match/match_logic.h"
#include "rpc/call_observer.h"
#include "rpc/service_context.h"

namespace muster::rpc {

// What the three unary calls mean: request bytes in, response bytes out. Thread-safe.
class UnaryHandlers {
 public:
  // `default_logic` is the logic without rules, which EnrichTicket uses; null: it adds nothing.
  UnaryHandlers(ServiceContext& context, std::shared_ptr<const match::MatchLogic> default_logic)
      : context_(context), default_logic_(std::move(default_logic)) {}

  // Errors: INVALID_ARGUMENT naming message and field, RESOURCE_EXHAUSTED past a limit, INTERNAL
  // when the logic fails.
  absl::StatusOr<grpc::ByteBuffer> Answer(ObservedCall& call, const grpc::ByteBuffer& request);

 private:
  absl::StatusOr<grpc::ByteBuffer> Handle(ObservedCall& call, std::string_view request);
  absl::StatusOr<grpc::ByteBuffer> StatCodes(ObservedCall& call, std::string_view request);
  absl::StatusOr<grpc::ByteBuffer> Validate(ObservedCall& call, std::string_view request);
  absl::StatusOr<grpc::ByteBuffer> Enrich(std::string_view request);

  ServiceContext& context_;
  const std::shared_ptr<const match::MatchLogic> default_logic_;
};

}  // namespace muster::rpc
