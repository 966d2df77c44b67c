#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/server/request_parser.h"
#include "tests/fuzz/fuzz_check.h"

// A stream of bytes is the same requests, however it is cut into pieces; none is over the limits.
namespace muster::net::server {
namespace {

using Progress = RequestParser::Progress;

constexpr size_t kMaxHead = 2048;
constexpr size_t kMaxBody = 1024;

struct Outcome {
  std::vector<std::string> requests;
  Progress last = Progress::kNeedMore;

  bool operator==(const Outcome&) const = default;
};

bool IsEnd(Progress progress) {
  return progress != Progress::kNeedMore && progress != Progress::kHead &&
         progress != Progress::kDone;
}

void CheckRequest(const Request& request) {
  FUZZ_CHECK(!request.method.empty());
  FUZZ_CHECK(!request.path.empty() && request.path.front() == '/');
  FUZZ_CHECK(request.path.find_first_of("? \r\n#") == std::string::npos);
  FUZZ_CHECK(request.body.size() <= kMaxBody);
  for (const base::HttpHeader& header : request.headers) {
    FUZZ_CHECK(header.name.find_first_of(" \r\n:") == std::string::npos);
    FUZZ_CHECK(header.value.find_first_of("\r\n") == std::string::npos);
  }
}

// Gives the parser `step` bytes more at a time.
Outcome ParseInSteps(std::string_view text, size_t step) {
  RequestParser parser({.max_head_bytes = kMaxHead, .max_body_bytes = kMaxBody});
  Outcome outcome;
  std::string held;
  for (size_t at = 0; at < text.size(); at += step) {
    held += text.substr(at, step);
    std::string_view bytes = held;
    for (;;) {
      outcome.last = parser.Parse(bytes);
      if (IsEnd(outcome.last)) return outcome;
      if (outcome.last == Progress::kNeedMore) break;
      if (outcome.last == Progress::kHead) continue;
      CheckRequest(parser.request());
      outcome.requests.push_back(parser.request().method + " " + parser.request().path + " " +
                                 parser.request().body);
      parser.Reset();
    }
    held = std::string(bytes);
  }
  return outcome;
}

}  // namespace
}  // namespace muster::net::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using muster::net::server::ParseInSteps;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (size > 8192) return 0;

  const auto whole = ParseInSteps(text, size == 0 ? 1 : size);
  const auto pieces = ParseInSteps(text, 7);

  FUZZ_CHECK(whole.requests == pieces.requests);
  return 0;
}
