#include "rpc/grpc_log.h"

#include <string_view>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "grpc/support/log.h"

namespace muster::rpc {
namespace {

using telemetry::LogLevel;

// Longest text of gRPC that a record repeats; its errors hold whole trees of causes.
constexpr size_t kMaxShownBytes = 512;

struct Capture {
  base::Mutex mu;
  telemetry::Logger* log ABSL_GUARDED_BY(mu) = nullptr;
};

Capture& TheCapture() {
  // Never destroyed: gRPC's own threads may outlive main.
  static auto* const capture = new Capture();
  return *capture;
}

// What gRPC calls an error is, for the server, one connection that did not come about.
LogLevel LevelOf(gpr_log_severity severity) {
  switch (severity) {
    case GPR_LOG_SEVERITY_ERROR:
      return LogLevel::kWarn;
    case GPR_LOG_SEVERITY_INFO:
      return LogLevel::kInfo;
    case GPR_LOG_SEVERITY_DEBUG:
      break;
  }
  return LogLevel::kDebug;
}

void Take(gpr_log_func_args* args) {
  Capture& capture = TheCapture();
  base::MutexLock lock(&capture.mu);
  if (capture.log == nullptr) return;
  const telemetry::LogField detail("detail",
                                   std::string_view(args->message).substr(0, kMaxShownBytes));
  capture.log->Log(LevelOf(args->severity), "grpc", {&detail, 1});
}

}  // namespace

GrpcLogCapture::GrpcLogCapture(telemetry::Logger& log) {
  Capture& capture = TheCapture();
  {
    base::MutexLock lock(&capture.mu);
    capture.log = &log;
  }
  gpr_set_log_function(Take);
}

GrpcLogCapture::~GrpcLogCapture() {
  gpr_set_log_function(nullptr);
  Capture& capture = TheCapture();
  base::MutexLock lock(&capture.mu);
  capture.log = nullptr;
}

}  // namespace muster::rpc
