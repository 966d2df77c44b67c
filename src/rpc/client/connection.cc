#include "rpc/client/connection.h"

#include <chrono>

#include "base/clock.h"
#include "base/strings.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace muster::rpc::client {
namespace {

// One field alone is enough, or a caller who forgot the others would talk in plain text.
bool WantsTls(const ClientOptions::Tls& tls) {
  return !tls.authorities.empty() || !tls.certificate_chain.empty() || !tls.private_key.empty() ||
         !tls.server_name.empty();
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const ClientOptions::Tls& tls) {
  if (!WantsTls(tls)) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls.authorities;
  options.pem_cert_chain = tls.certificate_chain;
  options.pem_private_key = tls.private_key;
  return grpc::SslCredentials(options);
}

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_response_bytes);
  // A tool asks the server that the user named, whatever proxy the shell is set up for.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!options.tls.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls.server_name);
  }
  return grpc::CreateCustomChannel(options.target, Credentials(options.tls), arguments);
}

std::chrono::system_clock::time_point DeadlineIn(std::chrono::milliseconds timeout) {
  return base::Clock::System().Now() + timeout;
}

void PrepareContext(const ClientOptions& options, grpc::ClientContext* context) {
  context->set_deadline(DeadlineIn(options.deadline));
  if (!options.token.empty()) {
    context->AddMetadata("authorization", base::StrCat("Bearer ", options.token));
  }
  for (const auto& [name, value] : options.headers) context->AddMetadata(name, value);
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace muster::rpc::client
