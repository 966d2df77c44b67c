#include "http/router.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "net/url.h"

namespace muster::http {
namespace {

using net::server::Request;

constexpr std::string_view kUnknownCall = "unknown";
constexpr std::string_view kRequestPath = "/request";

// Takes the first segment, without its slash, off a path that is not empty.
std::string_view TakeSegment(std::string_view* path) {
  path->remove_prefix(1);
  const size_t end = std::min(path->find('/'), path->size());
  const std::string_view segment = path->substr(0, end);
  path->remove_prefix(end);
  return segment;
}

bool IsParameter(std::string_view segment) { return !segment.empty() && segment.front() == '{'; }

// The parameters when the path is of that pattern.
std::optional<std::vector<std::string>> Parameters(std::string_view pattern,
                                                   std::string_view path) {
  std::vector<std::string> params;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = TakeSegment(&pattern);
    const std::string_view found = TakeSegment(&path);
    if (!IsParameter(wanted)) {
      if (wanted != found) return std::nullopt;
      continue;
    }
    std::optional<std::string> decoded = net::DecodePercent(found);
    if (!decoded || decoded->empty()) return std::nullopt;
    params.push_back(*std::move(decoded));
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return params;
}

bool IsBelow(std::string_view path, std::string_view folder) {
  return path == folder ||
         (path.substr(0, folder.size()) == folder && path.substr(folder.size()).front() == '/');
}

// To a caller who was not let in.
net::server::Response RefusalResponse(const absl::Status& status, ErrorForm form,
                                      telemetry::Logger& log) {
  // The caller is not told what is wrong inside.
  if (HttpStatus(status) == 500) {
    log.Error("it cannot be said who calls", {{"detail", base::FromAbsl(status.message())}});
  }
  // Clients of the plain calls know this one by its text.
  const bool is_plain_401 = form == ErrorForm::kPlain && absl::IsUnauthenticated(status);
  return is_plain_401 ? ErrorResponse(401, "", form) : ErrorResponse(status, form);
}

std::string_view OwnServer(const Route& route, const std::vector<std::string>& params) {
  return route.right == Right::kServer && !params.empty() ? std::string_view(params.front())
                                                          : std::string_view();
}

}  // namespace

Router::Router(std::vector<Route> routes, const Callers& callers, RateLimiter& limiter,
               const Observer& observer)
    : routes_(std::move(routes)), callers_(callers), limiter_(limiter), observer_(observer) {}

void Router::Handle(Request request, net::server::Reply raw_reply) {
  Match match = Find(request);
  const std::string_view name = match.route == nullptr ? kUnknownCall : match.route->name;
  const bool is_probe = match.route != nullptr && match.route->is_probe;
  const auto record = std::make_shared<CallRecord>(observer_, name, request, is_probe);
  net::server::Reply reply = ObservedReply(record, std::move(raw_reply));
  if (match.route == nullptr) return AnswerUnknown(request, match, std::move(reply));
  const Route& route = *match.route;
  absl::StatusOr<Caller> caller =
      callers_.Check(route.right, request.Header("Authorization"), OwnServer(route, match.params));
  if (!caller.ok()) {
    return reply.Send(RefusalResponse(caller.status(), route.errors, observer_.log));
  }
  record->SetClient(caller->client_id);
  if (route.is_limited && !caller->client_id.empty()) {
    if (const auto pause = limiter_.Take(caller->client_id)) {
      observer_.metrics.RateLimited();
      net::server::Response response = ErrorResponse(429, "too many calls", route.errors);
      AddRetryAfter(*pause, &response);
      return reply.Send(std::move(response));
    }
  }
  route.answer(
      Call{std::move(request), std::move(match.params), *std::move(caller), std::move(reply)});
}

Router::Match Router::Find(const Request& request) const {
  Match match;
  for (const Route& route : routes_) {
    std::optional<std::vector<std::string>> params = Parameters(route.pattern, request.path);
    if (!params) continue;
    if (route.method == request.method) {
      match.route = &route;
      match.params = *std::move(params);
      return match;
    }
    match.allowed += base::StrCat(match.allowed.empty() ? "" : ", ", route.method);
  }
  return match;
}

void Router::AnswerUnknown(const Request& request, const Match& match,
                           net::server::Reply reply) const {
  const bool is_request = IsBelow(request.path, kRequestPath);
  const ErrorForm form = is_request ? ErrorForm::kPlain : ErrorForm::kProblem;
  if (is_request || IsBelow(request.path, "/v1")) {
    const absl::Status shown =
        callers_.Check(Right::kPlayerOrAdmin, request.Header("Authorization"), "").status();
    // A game server has shown itself, though it may not make players' calls.
    if (!shown.ok() && !absl::IsPermissionDenied(shown)) {
      return reply.Send(RefusalResponse(shown, form, observer_.log));
    }
  }
  if (match.allowed.empty()) return reply.Send(ErrorResponse(404, "", form));
  net::server::Response response = ErrorResponse(405, "", form);
  response.headers.push_back({"Allow", match.allowed});
  reply.Send(std::move(response));
}

}  // namespace muster::http
