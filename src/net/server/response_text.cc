#include "net/server/response_text.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "boost/beast/http/status.hpp"

namespace muster::net::server {
namespace {

constexpr std::array<std::string_view, 5> kOwnHeaders = {"Connection", "Content-Length", "Date",
                                                         "Server", "Transfer-Encoding"};

// RFC 9110, section 5.6.2.
bool IsTokenCharacter(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, IsTokenCharacter);
}

bool IsHeaderValue(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\t') || byte == 0x7f;
  });
}

bool IsOwnHeader(std::string_view name) {
  return std::ranges::any_of(kOwnHeaders, [name](std::string_view own) {
    return absl::EqualsIgnoreCase(base::ToAbsl(own), base::ToAbsl(name));
  });
}

void Append(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool IsSendable(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  if (!IsHeaderValue(response.content_type)) return false;
  return std::ranges::all_of(response.headers, [](const base::HttpHeader& header) {
    return IsHeaderName(header.name) && IsHeaderValue(header.value) && !IsOwnHeader(header.name);
  });
}

void AppendHead(const Response& response, const HeadOptions& options, std::string& out) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  absl::StrAppend(&out, "HTTP/1.1 ", response.status, " ");
  out.append(reason.data(), reason.size()).append("\r\n");
  Append(out, "Server", "muster");
  Append(out, "Date", options.date);
  if (!response.content_type.empty()) Append(out, "Content-Type", response.content_type);
  if (HasBody(response.status)) {
    absl::StrAppend(&out, "Content-Length: ", response.body.size(), "\r\n");
  }
  for (const base::HttpHeader& header : response.headers) Append(out, header.name, header.value);
  if (!options.keep_alive) {
    Append(out, "Connection", "close");
  } else if (options.old_client) {
    Append(out, "Connection", "keep-alive");
  }
  out.append("\r\n");
}

bool HasBody(int status) { return status != 204 && status != 304; }

Response PlainResponse(int status, std::string_view text) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = base::StrCat(text, "\n")};
}

Response InternalError() { return PlainResponse(500, "internal error"); }

Response Unavailable(std::string_view text) {
  Response response = PlainResponse(503, text);
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace muster::net::server
