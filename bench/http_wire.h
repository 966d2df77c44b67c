#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// HTTP as bytes, for loads that no client library slows down.
namespace muster::bench {

// A blocking connection to an IPv4 address with a port, without Nagle's delay; it waits a minute at
// most for bytes. The caller closes it. INVALID_ARGUMENT when `target` is none, UNAVAILABLE when
// nobody listens there.
absl::StatusOr<int> Connect(const std::string& target);

// Of one connection. UNAVAILABLE when it broke, or does not take all of it at once.
absl::Status SendAll(int fd, std::string_view bytes);

// A request without a body. `authorization` may be empty; `headers`: more lines, each with its end.
std::string RequestText(std::string_view method, std::string_view path,
                        std::string_view authorization = "", std::string_view headers = "");

// Bytes of the answer whose head `text` begins with; nothing when that head is not whole or says no
// Content-Length.
std::optional<size_t> AnswerSize(std::string_view text);

// The body of the answer to a request, over a connection of its own. INTERNAL when its status is
// not 2xx.
absl::StatusOr<std::string> Fetch(const std::string& target, std::string_view request);

}  // namespace muster::bench
