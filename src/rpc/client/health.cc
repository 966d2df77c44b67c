#include "rpc/client/health.h"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "google/protobuf/wrappers.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "rpc/client/connection.h"

namespace muster::rpc::client {
namespace {

// The proto file of the protocol is not packaged. On the wire HealthCheckRequest{string service =
// 1} is a StringValue and HealthCheckResponse{enum status = 1} an Int32Value, and those are.
using Request = google::protobuf::StringValue;
using Response = google::protobuf::Int32Value;

HealthState ToState(int number) {
  switch (number) {
    case 1:
      return HealthState::kServing;
    case 2:
      return HealthState::kNotServing;
    case 3:
      return HealthState::kServiceUnknown;
    default:
      return HealthState::kUnknown;
  }
}

}  // namespace

std::string_view HealthStateName(HealthState state) {
  switch (state) {
    case HealthState::kServing:
      return "SERVING";
    case HealthState::kNotServing:
      return "NOT_SERVING";
    case HealthState::kServiceUnknown:
      return "SERVICE_UNKNOWN";
    case HealthState::kUnknown:
      break;
  }
  return "UNKNOWN";
}

absl::StatusOr<HealthState> CheckHealth(const ClientOptions& options, std::string_view service) {
  grpc::TemplatedGenericStub<Request, Response> stub(OpenChannel(options));
  grpc::ClientContext context;
  PrepareContext(options, &context);
  Request request;
  request.set_value(std::string(service));
  Response response;
  // Shared, because the callback may still be leaving set_value when the wait is over.
  const auto done = std::make_shared<std::promise<grpc::Status>>();
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &response,
                 [done](grpc::Status status) { done->set_value(std::move(status)); });
  MUSTER_RETURN_IF_ERROR(FromGrpcStatus(done->get_future().get()));
  return ToState(response.value());
}

}  // namespace muster::rpc::client
