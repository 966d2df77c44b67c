#include "tests/rpc/raw_stream.h"

#include <chrono>
#include <utility>

#include "base/strings.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

using grpc::internal::RpcMethod;

}  // namespace

std::chrono::system_clock::time_point CallDeadline() {
  return std::chrono::system_clock::now() + std::chrono::seconds(60);
}

std::string PathOf(std::string_view method) {
  if (method.starts_with('/')) return std::string(method);
  return base::StrCat("/accelbyte.matchmaking.matchfunction.MatchFunction/", method);
}

absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  return std::string(ContiguousBytes(buffer).view());
}

RawStream::RawStream(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                     const Headers& headers)
    : path_(PathOf(method)) {
  for (const auto& [name, value] : headers) context_.AddMetadata(name, value);
  context_.set_deadline(CallDeadline());
  using Factory = grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>;
  stream_.reset(Factory::Create(channel.get(), RpcMethod(path_.c_str(), RpcMethod::BIDI_STREAMING),
                                &context_));
}

RawStream::~RawStream() {
  if (finished_) return;
  Cancel();
  (void)Finish();
}

bool RawStream::Send(std::string_view bytes) { return stream_->Write(ToBuffer(bytes)); }

bool RawStream::Send(const google::protobuf::MessageLite& message) {
  return Send(message.SerializeAsString());
}

void RawStream::HalfClose() {
  if (!std::exchange(half_closed_, true)) stream_->WritesDone();
}

std::optional<std::string> RawStream::Read() {
  grpc::ByteBuffer buffer;
  if (!stream_->Read(&buffer)) return std::nullopt;
  return BytesOf(buffer);
}

absl::Status RawStream::Finish() {
  while (Read()) {
  }
  finished_ = true;
  return FromGrpc(stream_->Finish());
}

absl::Status RawStream::Close() {
  HalfClose();
  return Finish();
}

}  // namespace muster::rpc
