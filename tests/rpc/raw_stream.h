#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"
#include "grpcpp/support/sync_stream.h"

namespace muster::rpc {

using Headers = std::vector<std::pair<std::string, std::string>>;

// How long a call of a test may take; far above what any needs.
std::chrono::system_clock::time_point CallDeadline();
// The full path of one of our methods; a path stays as it is.
std::string PathOf(std::string_view method);

absl::Status FromGrpc(const grpc::Status& status);
std::string BytesOf(const grpc::ByteBuffer& buffer);

// The client's end of a streaming call, in raw bytes. Gives up after a generous deadline, so that a
// server that hangs fails a test instead of stopping it.
class RawStream {
 public:
  // `method` is for example "MakeMatches", or the full path of another service's.
  RawStream(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
            const Headers& headers = {});
  // Cancels what still runs.
  ~RawStream();

  // False when the call has ended.
  bool Send(std::string_view bytes);
  bool Send(const google::protobuf::MessageLite& message);
  // Calls after the first do nothing.
  void HalfClose();
  void Cancel() { context_.TryCancel(); }
  // The next answer; nothing when the call has ended.
  std::optional<std::string> Read();
  // Drops the answers that are left and returns how the call ended.
  absl::Status Finish();
  // HalfClose and Finish.
  absl::Status Close();

 private:
  const std::string path_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream_;
  bool half_closed_ = false;
  bool finished_ = false;
};

}  // namespace muster::rpc
