#include "rpc/server.h"

#include <mutex>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "base/stop_wait.h"
#include "base/strings.h"
#include "base/worker_pool.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "rpc/call_observer.h"
#include "rpc/guard.h"
#include "rpc/idle_watch.h"
#include "rpc/match_function_service.h"
#include "rpc/service_context.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

// gRPC refuses larger messages by itself, uncounted; up to there we refuse and count.
constexpr int kReceiveFactor = 2;

// Settings that gRPC keeps for the whole process.
void PrepareProcess() {
  static std::once_flag once;
  std::call_once(once, [] {
    CaptureProtobufLog();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

std::shared_ptr<grpc::ServerCredentials> Credentials(const Server::Tls& tls) {
  if (tls.certificate_chain.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      tls.client_authorities.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                     : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_key_cert_pairs.push_back({tls.private_key, tls.certificate_chain});
  options.pem_root_certs = tls.client_authorities;
  return grpc::SslServerCredentials(options);
}

// Health as callers see it: SERVING from the moment that access control is ready until the server
// stops. Thread-safe.
class Health {
 public:
  void Attach(grpc::HealthCheckServiceInterface* service) {
    base::MutexLock lock(&mu_);
    service_ = service;
    Show();
  }
  void SetReady() {
    base::MutexLock lock(&mu_);
    ready_ = true;
    Show();
  }
  void Detach() {
    base::MutexLock lock(&mu_);
    if (service_ != nullptr) service_->SetServingStatus(false);
    service_ = nullptr;
  }

 private:
  void Show() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (service_ == nullptr) return;
    service_->SetServingStatus(ready_);
    service_->SetServingStatus(GeneratedService::service_full_name(), ready_);
  }

  base::Mutex mu_;
  bool ready_ ABSL_GUARDED_BY(mu_) = false;
  grpc::HealthCheckServiceInterface* service_ ABSL_GUARDED_BY(mu_) = nullptr;
};

class GrpcServer final : public Server {
 public:
  GrpcServer(const Options& options, const match::LogicFactory& factory, const Parts& parts,
             std::shared_ptr<const match::MatchLogic> default_logic)
      : options_(options),
        access_(parts.access),
        context_(factory, options.logic, options.limits, options.id_seed, parts.match_metrics,
                 parts.clock),
        observer_{parts.log, parts.call_metrics, parts.tracer, parts.clock, options.log_calls},
        guard_(parts.access, parts.access_metrics),
        workers_({options.match_workers, options.max_queued_matches}),
        watch_(options.limits.stream_silence, parts.clock),
        service_(context_, observer_, guard_, workers_, watch_, std::move(default_logic)) {}

  ~GrpcServer() override { Stop(); }

  absl::Status Listen();
  const std::string& address() const override { return address_; }
  void Stop() override;

 private:
  const Options options_;
  auth::AccessControl* const access_;
  ServiceContext context_;
  const CallObserver observer_;
  Guard guard_;
  base::WorkerPool workers_;
  IdleWatch watch_;
  MatchFunctionService service_;
  std::string address_;
  // Shared with the access control, which may become ready at any time.
  const std::shared_ptr<Health> health_ = std::make_shared<Health>();
  std::once_flag stopped_;
  // Last, so that it goes first.
  std::unique_ptr<grpc::Server> server_;
};

absl::Status GrpcServer::Listen() {
  const std::string wanted = base::JoinHostPort(options_.address, options_.port);
  int port = 0;
  grpc::ServerBuilder builder;
  // Without this a second server would share the port in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options_.limits.max_message_bytes) *
                                   kReceiveFactor);
  builder.SetMaxSendMessageSize(-1);
  // gRPC inflates a message before it looks at its size: 200 KB would become 200 MB.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddListeningPort(wanted, Credentials(options_.tls), &port);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    return absl::UnavailableError(base::StrCat("grpc: cannot listen on ", wanted));
  }
  address_ = base::JoinHostPort(options_.address, port);
  health_->Attach(server_->GetHealthCheckService());
  if (access_ == nullptr) {
    health_->SetReady();
  } else {
    access_->OnReady([health = health_] { health->SetReady(); });
  }
  return absl::OkStatus();
}

void GrpcServer::Stop() {
  std::call_once(stopped_, [this] {
    if (server_ == nullptr) return;
    health_->Detach();
    std::this_thread::sleep_for(options_.drain_delay);
    // Calls that wait for IAM do not end by themselves.
    std::jthread timer([this](const std::stop_token& stop) {
      if (base::WaitUnlessStopped(options_.drain_grace, stop)) guard_.GiveUp();
    });
    const gpr_timespec grace = gpr_time_from_millis(options_.drain_grace.count(), GPR_TIMESPAN);
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), grace));
    server_->Wait();
    timer.request_stop();
    guard_.GiveUp();
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      const match::LogicFactory& factory,
                                                      const Parts& parts) {
  PrepareProcess();
  auto default_logic = factory("", options.logic);
  if (absl::IsInvalidArgument(default_logic.status())) default_logic = nullptr;
  MUSTER_RETURN_IF_ERROR(default_logic.status());
  auto server = std::make_unique<GrpcServer>(options, factory, parts, *std::move(default_logic));
  MUSTER_RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace muster::rpc
