#pragma once

#include "telemetry/log.h"

namespace muster::rpc {

// Gives what gRPC has to say to our log for as long as it lives, as records `grpc`; before and
// after, gRPC writes to standard error. gRPC has one log a process, so there is one of these at
// a time.
class GrpcLogCapture {
 public:
  // `log` outlives the object.
  explicit GrpcLogCapture(telemetry::Logger& log);
  ~GrpcLogCapture();
  GrpcLogCapture(const GrpcLogCapture&) = delete;
  GrpcLogCapture& operator=(const GrpcLogCapture&) = delete;
};

}  // namespace muster::rpc
