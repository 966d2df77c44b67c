#pragma once

#include <string>
#include <string_view>

#include "net/server/message.h"

namespace muster::net::server {

// Whether a response can be sent as it is: its status is one of 200 to 599, no header's name or
// value would be read as something else, and none is the server's own to send (Connection,
// Content-Length, Date, Server, Transfer-Encoding).
bool IsSendable(const Response& response);

struct HeadOptions {
  bool keep_alive = true;
  // The client is of HTTP/1.0 and must be told that the connection stays.
  bool old_client = false;
  std::string_view date;
};

// Appends status line, headers and the empty line behind them.
void AppendHead(const Response& response, const HeadOptions& options, std::string& out);

// Whether a response with this status can have a body.
bool HasBody(int status);

Response PlainResponse(int status, std::string_view text);
// What the client of a handler that failed is told.
Response InternalError();
// For whoever comes when there is no place, with Retry-After.
Response Unavailable(std::string_view text);

}  // namespace muster::net::server
