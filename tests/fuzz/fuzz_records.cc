#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lobby/records.h"
#include "lobby/server_command.h"
#include "tests/fuzz/fuzz_check.h"

// Any bytes are a record or a command, or none; what one says is written as it was read.
namespace muster::lobby {
namespace {

void CheckRequest(std::string_view text) {
  const absl::StatusOr<Request> request = DecodeRequest(text);
  FUZZ_CHECK(request.ok() || absl::IsInvalidArgument(request.status()));
  if (!request.ok()) return;
  FUZZ_CHECK(!request->client_id.empty() && !request->id.empty());
  FUZZ_CHECK(DecodeRequest(EncodeRequest(*request)).value() == *request);
}

void CheckServer(std::string_view text) {
  const absl::StatusOr<GameServer> server = DecodeServer(text);
  FUZZ_CHECK(server.ok() || absl::IsInvalidArgument(server.status()));
  if (!server.ok()) return;
  FUZZ_CHECK(!server->id.empty());
  FUZZ_CHECK(DecodeServer(EncodeServer(*server)).value() == *server);
}

void CheckCommand(std::string_view text) {
  const auto command = DecodeCommand(text);
  FUZZ_CHECK(!command || EncodeCommand(*command) == text);
}

// Bytes that were put into a record come out of it as text.
void CheckReason(std::string_view text) {
  const Request request{.client_id = "alice", .id = "1f", .reason = std::string(text)};
  const absl::StatusOr<Request> read = DecodeRequest(EncodeRequest(request));
  FUZZ_CHECK(read.ok());
  FUZZ_CHECK(DecodeRequest(EncodeRequest(*read)).value() == *read);
}

}  // namespace
}  // namespace muster::lobby

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  muster::lobby::CheckRequest(text);
  muster::lobby::CheckServer(text);
  muster::lobby::CheckCommand(text);
  muster::lobby::CheckReason(text);
  return 0;
}
