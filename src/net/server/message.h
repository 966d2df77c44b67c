#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.h"

namespace muster::net::server {

// A request as it came. Nothing in it is decoded, and all of it is the caller's word.
struct Request {
  std::string method;
  // Starts with '/', without the query; percent-encoded as it was sent.
  std::string path;
  // What follows '?', without it.
  std::string query;
  std::vector<base::HttpHeader> headers;
  std::string body;
  // Address of the peer, IPv4 or IPv6 without brackets: the caller's, or the last proxy's.
  std::string peer;
  // It asks to become a WebSocket (RFC 6455).
  bool wants_web_socket = false;

  // The value of the first header of that name, in any case; nothing when there is none.
  std::optional<std::string_view> Header(std::string_view name) const;
};

// Content-Length, Date and Server are added on the way out.
struct Response {
  int status = 200;
  // Empty: no body is announced as anything.
  std::string content_type;
  std::string body;
  std::vector<base::HttpHeader> headers;
};

}  // namespace muster::net::server
