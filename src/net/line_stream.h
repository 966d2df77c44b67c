#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "absl/status/status.h"
#include "base/http.h"
#include "net/client_options.h"

namespace muster::net {

// Sends `request` and reads an answer that may never end, line by line: `on_line` gets each line
// without its "\n" or "\r\n" as soon as it is whole, on the caller's thread; empty lines are left
// out, and a last line needs no end. `request.timeout` is for the connection and the answer's head,
// after that there is no limit; `request.max_response_bytes` is the longest line, and
// `discard_body` means nothing here.
//
// Blocks; OK when the server ended the answer. UNAVAILABLE when there was no connection, it broke,
// or the status is not 2xx, which the message then holds; DEADLINE_EXCEEDED without a head in time,
// CANCELLED soon after `stop` was requested, RESOURCE_EXHAUSTED past the longest line,
// INVALID_ARGUMENT when the URL is none. Messages name the host, never headers or bodies.
//
// Makes a connection of its own; thread-safe.
absl::Status StreamLines(const ClientOptions& options, const base::HttpRequest& request,
                         const std::stop_token& stop,
                         const std::function<void(std::string_view line)>& on_line);

}  // namespace muster::net
