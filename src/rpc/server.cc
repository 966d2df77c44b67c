#include "rpc/server.h"

#include <mutex>
#include <thread>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "base/worker_pool.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
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

class GrpcServer final : public Server {
 public:
  GrpcServer(const Options& options, const match::LogicFactory& factory, telemetry::Logger& log,
             telemetry::MatchMetrics& metrics, const base::Clock& clock,
             std::shared_ptr<const match::MatchLogic> default_logic)
      : options_(options),
        context_(factory, options.logic, options.limits, options.id_seed, log, metrics, clock),
        workers_({options.match_workers, options.max_queued_matches}),
        watch_(options.limits.stream_silence, clock),
        service_(context_, workers_, watch_, std::move(default_logic)) {}

  ~GrpcServer() override { Stop(); }

  absl::Status Listen();
  const std::string& address() const override { return address_; }
  void Stop() override;

 private:
  const Options options_;
  ServiceContext context_;
  base::WorkerPool workers_;
  IdleWatch watch_;
  MatchFunctionService service_;
  std::string address_;
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
  builder.AddListeningPort(wanted, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    return absl::UnavailableError(base::StrCat("grpc: cannot listen on ", wanted));
  }
  address_ = base::JoinHostPort(options_.address, port);
  server_->GetHealthCheckService()->SetServingStatus(GeneratedService::service_full_name(), true);
  return absl::OkStatus();
}

void GrpcServer::Stop() {
  std::call_once(stopped_, [this] {
    if (server_ == nullptr) return;
    server_->GetHealthCheckService()->SetServingStatus(false);
    std::this_thread::sleep_for(options_.drain_delay);
    const gpr_timespec grace = gpr_time_from_millis(options_.drain_grace.count(), GPR_TIMESPAN);
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), grace));
    server_->Wait();
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      const match::LogicFactory& factory,
                                                      telemetry::Logger& log,
                                                      telemetry::MatchMetrics& metrics,
                                                      const base::Clock& clock) {
  PrepareProcess();
  MUSTER_ASSIGN_OR_RETURN(std::shared_ptr<const match::MatchLogic> default_logic,
                          factory("", options.logic));
  auto server =
      std::make_unique<GrpcServer>(options, factory, log, metrics, clock, std::move(default_logic));
  MUSTER_RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace muster::rpc
