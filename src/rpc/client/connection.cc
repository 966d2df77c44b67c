#include "rpc/client/connection.h"

#include <chrono>

#include "base/clock.h"
#include "base/strings.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace muster::rpc::client {

std::shared_ptr<grpc::Channel> OpenChannel(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_response_bytes);
  // A tool asks the server that the user named, whatever proxy the shell is set up for.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments);
}

std::chrono::system_clock::time_point DeadlineIn(std::chrono::milliseconds timeout) {
  return base::Clock::System().Now() + timeout;
}

void PrepareContext(const ClientOptions& options, grpc::ClientContext* context) {
  context->set_deadline(DeadlineIn(options.deadline));
  if (!options.token.empty()) {
    context->AddMetadata("authorization", base::StrCat("Bearer ", options.token));
  }
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace muster::rpc::client
