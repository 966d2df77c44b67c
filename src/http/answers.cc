#include "http/answers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "http/json_text.h"
#include "nlohmann/json.hpp"

namespace muster::http {
namespace {

using net::server::Response;

// Before a call that came too early is made again, when nothing better is known.
constexpr std::chrono::seconds kRetryPause{1};

}  // namespace

int HttpStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return 409;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return 503;
    default:
      return 500;
  }
}

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

Response ErrorResponse(const absl::Status& status, ErrorForm form) {
  const int code = HttpStatus(status);
  return ErrorResponse(code, code == 500 ? "" : base::FromAbsl(status.message()), form);
}

Response ErrorResponse(int status, std::string_view detail, ErrorForm form) {
  const std::string_view title = ReasonPhrase(status);
  Response response;
  if (form == ErrorForm::kPlain) {
    response = PlainResponse(status, std::string(detail.empty() ? title : detail));
  } else {
    nlohmann::ordered_json problem = {{"title", title}, {"status", status}};
    if (!detail.empty()) problem["detail"] = detail;
    response = JsonResponse(status, JsonText(problem));
    response.content_type = "application/problem+json";
  }
  if (status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
  if (status == 429 || status == 503) AddRetryAfter(kRetryPause, &response);
  return response;
}

Response PlainResponse(int status, std::string body) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body)};
}

Response JsonResponse(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

void AddRetryAfter(std::chrono::milliseconds pause, Response* response) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(pause).count();
  const std::string value = absl::StrCat(std::max<int64_t>(1, seconds));
  for (base::HttpHeader& header : response->headers) {
    if (header.name == "Retry-After") {
      header.value = value;
      return;
    }
  }
  response->headers.push_back({"Retry-After", value});
}

}  // namespace muster::http
