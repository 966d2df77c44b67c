#pragma once

#include <functional>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"
#include "rpc/client/connection.h"

namespace muster::rpc::client {

// Runs a bidirectional call to its end: writes what `next` fills in, on a thread of its own, until
// it returns false, then half-closes; meanwhile gives every answer to `take` on the caller's
// thread. An error of `next` or `take` cancels the call and is returned; else the server's status
// is.
template <typename Request, typename Response>
absl::Status RunDuplex(grpc::ClientContext* context,
                       grpc::ClientReaderWriter<Request, Response>* stream,
                       const std::function<absl::StatusOr<bool>(Request*)>& next,
                       const std::function<absl::Status(const Response&)>& take) {
  absl::Status write_error;
  std::thread writer([&] {
    for (;;) {
      Request request;
      const absl::StatusOr<bool> more = next(&request);
      if (!more.ok()) {
        write_error = more.status();
        context->TryCancel();
        return;
      }
      if (!*more) break;
      // False when the call has ended; the reader finds out why.
      if (!stream->Write(request)) return;
    }
    stream->WritesDone();
  });

  absl::Status take_error;
  Response response;
  while (take_error.ok() && stream->Read(&response)) take_error = take(response);
  if (!take_error.ok()) context->TryCancel();
  writer.join();
  const absl::Status status = FromGrpcStatus(stream->Finish());
  if (!write_error.ok()) return write_error;
  return take_error.ok() ? status : take_error;
}

}  // namespace muster::rpc::client
