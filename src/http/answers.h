#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "net/server/message.h"

// How answers look. Errors of the native calls are problem details (RFC 9457); those of POST
// /request are plain text, as its clients expect.
namespace muster::http {

enum class ErrorForm { kProblem, kPlain };

// The one place where a status becomes one of HTTP: INVALID_ARGUMENT 400, UNAUTHENTICATED 401,
// PERMISSION_DENIED 403, NOT_FOUND 404, ABORTED, ALREADY_EXISTS and FAILED_PRECONDITION 409,
// RESOURCE_EXHAUSTED, UNAVAILABLE and DEADLINE_EXCEEDED 503, any other 500.
int HttpStatus(const absl::Status& status);

// For example "Not Found".
std::string_view ReasonPhrase(int status);

// The detail is the status' message, but for 500, whose is for the log only. 429 and 503 say when
// to come back.
net::server::Response ErrorResponse(const absl::Status& status, ErrorForm form);
net::server::Response ErrorResponse(int status, std::string_view detail, ErrorForm form);

net::server::Response PlainResponse(int status, std::string body);
// `body` is JSON text.
net::server::Response JsonResponse(int status, std::string body);

// Adds `Retry-After`, in whole seconds, rounded up, at least 1.
void AddRetryAfter(std::chrono::milliseconds pause, net::server::Response* response);

}  // namespace muster::http
