#include "rpc/wire.h"

#include <limits>

#include "base/strings.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/wire_format_lite.h"

namespace muster::rpc {
namespace {

using google::protobuf::LogLevel;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// A tag of one byte holds field numbers up to 15; larger ones take at most five.
constexpr int kMaxHeaderBytes = 5 + 10;

// What libprotobuf said last on this thread.
thread_local std::string last_protobuf_log;

void KeepProtobufLog(LogLevel, const char*, int, const std::string& message) {
  last_protobuf_log = message;
}

// libprotobuf reports "String field 'a.b.c' contains invalid UTF-8 data when ...".
std::string_view FieldNamedIn(std::string_view log) {
  const size_t open = log.find('\'');
  const size_t close = open == std::string_view::npos ? open : log.find('\'', open + 1);
  return close == std::string_view::npos ? "" : log.substr(open + 1, close - open - 1);
}

uint32_t Tag(int field) {
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

}  // namespace

void AppendFieldHeader(std::string* out, int field, uint64_t size) {
  uint8_t header[kMaxHeaderBytes];
  uint8_t* end = CodedOutputStream::WriteVarint32ToArray(Tag(field), header);
  end = CodedOutputStream::WriteVarint64ToArray(size, end);
  out->append(reinterpret_cast<const char*>(header), static_cast<size_t>(end - header));
}

void AppendField(std::string* out, int field, std::string_view bytes) {
  AppendFieldHeader(out, field, bytes.size());
  out->append(bytes);
}

void AppendMessage(std::string* out, const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  const size_t before = out->size();
  out->resize(before + size);
  google::protobuf::io::ArrayOutputStream array(out->data() + before, static_cast<int>(size));
  CodedOutputStream output(&array);
  output.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&output);
}

std::string_view OnlyField(std::string_view message, int field) {
  if (message.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return {};
  CodedInputStream input(reinterpret_cast<const uint8_t*>(message.data()),
                         static_cast<int>(message.size()));
  uint32_t size = 0;
  if (input.ReadTagNoLastTag() != Tag(field) || !input.ReadVarint32(&size)) return {};
  const std::string_view rest = message.substr(static_cast<size_t>(input.CurrentPosition()));
  return rest.size() == size ? rest : std::string_view();
}

std::string_view FieldBytes(std::string_view frame, int field,
                            const google::protobuf::MessageLite& message, std::string* rebuilt) {
  const std::string_view as_sent = OnlyField(frame, field);
  if (as_sent.data() != nullptr) return as_sent;
  rebuilt->clear();
  AppendMessage(rebuilt, message);
  return *rebuilt;
}

absl::Status ParseMessage(std::string_view bytes, google::protobuf::MessageLite* message) {
  last_protobuf_log.clear();
  const bool fits = bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max());
  if (fits && message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  const std::string_view field = FieldNamedIn(last_protobuf_log);
  if (!field.empty()) {
    return absl::InvalidArgumentError(base::StrCat(field, ": the text is not valid utf-8"));
  }
  return absl::InvalidArgumentError(
      base::StrCat(message->GetTypeName(), ": the bytes are not a valid message"));
}

void CaptureProtobufLog() { google::protobuf::SetLogHandler(&KeepProtobufLog); }

ContiguousBytes::ContiguousBytes(const grpc::ByteBuffer& buffer) {
  if (!buffer.TrySingleSlice(&slice_).ok()) (void)buffer.DumpToSingleSlice(&slice_);
}

grpc::ByteBuffer ToBuffer(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

grpc::ByteBuffer ToBuffer(const google::protobuf::MessageLite& message) {
  return ToBuffer(message.SerializeAsString());
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

}  // namespace muster::rpc
