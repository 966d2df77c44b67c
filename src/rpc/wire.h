#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "grpcpp/support/status.h"

// Small tools for the protobuf wire format and gRPC's buffers.
// Format: https://protobuf.dev/programming-guides/encoding/
namespace muster::rpc {

// Tickets up to this size leave the memory of their decoded form for the next one.
inline constexpr size_t kKeepDecodedBytes = 64 * 1024;

// Memory for the parsed forms of messages, one after the other. What fits into the first block
// costs no allocation; what a larger one needed more is given back by Reset. Not thread-safe.
class MessageArena {
 public:
  MessageArena() : arena_(Options(block_.data(), block_.size())) {}

  // An empty message, gone with the next Reset.
  template <typename Message>
  Message* New() {
    return google::protobuf::Arena::CreateMessage<Message>(&arena_);
  }
  void Reset() { arena_.Reset(); }

 private:
  static google::protobuf::ArenaOptions Options(char* block, size_t bytes) {
    google::protobuf::ArenaOptions options;
    options.initial_block = block;
    options.initial_block_size = bytes;
    return options;
  }

  // A ticket of a few hundred bytes takes about 2 KiB.
  alignas(8) std::array<char, 4096> block_;
  google::protobuf::Arena arena_;
};

// Appends one length-delimited field: tag, length, bytes.
void AppendField(std::string* out, int field, std::string_view bytes);

// Appends tag and length of a length-delimited field; its `size` bytes follow.
void AppendFieldHeader(std::string* out, int field, uint64_t size);

// Appends a message. Equal messages give equal bytes: entries of maps stand in order of their keys,
// which they otherwise do not.
void AppendMessage(std::string* out, const google::protobuf::MessageLite& message);

// The single length-delimited field that `message` consists of, when it is field number `field` in
// its shortest form and nothing else; else empty with data() == nullptr.
std::string_view OnlyField(std::string_view message, int field);

// The bytes of `message`, which is field number `field` of `frame`: as they were sent when the
// frame is nothing but them, else serialised into `rebuilt`, unknown fields included.
std::string_view FieldBytes(std::string_view frame, int field,
                            const google::protobuf::MessageLite& message, std::string* rebuilt);

// Reads `bytes` into `message`, replacing what it held. INVALID_ARGUMENT naming the message, and
// the field when it is text that is not UTF-8.
absl::Status ParseMessage(std::string_view bytes, google::protobuf::MessageLite* message);

// Makes libprotobuf tell ParseMessage about bad text instead of standard error. Call once, before
// any thread parses.
void CaptureProtobufLog();

// The bytes of a received buffer, in one piece for as long as this object lives.
class ContiguousBytes {
 public:
  explicit ContiguousBytes(const grpc::ByteBuffer& buffer);
  std::string_view view() const {
    return {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
  }

 private:
  grpc::Slice slice_;
};

grpc::ByteBuffer ToBuffer(std::string_view bytes);
grpc::ByteBuffer ToBuffer(const google::protobuf::MessageLite& message);

// The one place where errors become gRPC statuses; codes have the same numbers.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace muster::rpc
