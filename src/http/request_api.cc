#include "http/request_api.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "http/request_view.h"
#include "net/url.h"

namespace muster::http {
namespace {

using lobby::Request;
using lobby::RequestState;
using net::server::Reply;
using net::server::Response;

// Callbacks are copied, replies are not.
std::shared_ptr<Reply> Share(Reply reply) { return std::make_shared<Reply>(std::move(reply)); }

// Whose request the call is about: the caller's own, or the one that an administrator names.
// INVALID_ARGUMENT when the query cannot be read or names nobody that could be.
absl::StatusOr<std::string> ClientOf(const Call& call) {
  if (!call.caller.is_admin) return call.caller.client_id;
  const auto params = net::ParseQuery(call.request.query);
  if (!params) return absl::InvalidArgumentError("the query cannot be decoded");
  for (const auto& [name, value] : *params) {
    if (name != "client") continue;
    const absl::Status status = lobby::CheckClientId(value);
    if (!status.ok()) return status;
    return value;
  }
  if (call.caller.client_id.empty()) {
    return absl::InvalidArgumentError("whose request? an administrator names it: ?client=");
  }
  return call.caller.client_id;
}

void AddLocation(const Request& request, Response* response) {
  response->headers.push_back({"Location", base::StrCat("/v1/requests/", request.id)});
}

}  // namespace

std::vector<Route> RequestApi::Routes() {
  const auto on = [this](void (RequestApi::*method)(Call)) {
    return [this, method](Call call) { (this->*method)(std::move(call)); };
  };
  const auto ask = [this](ErrorForm form) {
    return [this, form](Call call) { Ask(std::move(call), form); };
  };
  return {
      {"request", "POST", "/request", Right::kPlayer, ErrorForm::kPlain, true,
       ask(ErrorForm::kPlain)},
      {"ask", "POST", "/v1/requests", Right::kPlayer, ErrorForm::kProblem, true,
       ask(ErrorForm::kProblem)},
      {"list_requests", "GET", "/v1/requests", Right::kPlayerOrAdmin, ErrorForm::kProblem, true,
       on(&RequestApi::ListMine)},
      {"get_request", "GET", "/v1/requests/{id}", Right::kPlayerOrAdmin, ErrorForm::kProblem, true,
       on(&RequestApi::Get)},
      {"cancel_request", "DELETE", "/v1/requests/{id}", Right::kPlayerOrAdmin, ErrorForm::kProblem,
       true, on(&RequestApi::Cancel)},
  };
}

void RequestApi::Ask(Call call, ErrorForm form) {
  requests_.Ask(call.caller.client_id,
                [this, form, host = addresses_.CallersHost(call.request),
                 reply = Share(std::move(call.reply))](const absl::StatusOr<Request>& request) {
                  reply->Send(AskResponse(request, host, form));
                });
}

Response RequestApi::AskResponse(const absl::StatusOr<Request>& request, const std::string& host,
                                 ErrorForm form) const {
  if (!request.ok()) return ErrorResponse(request.status(), form);
  const bool is_plain = form == ErrorForm::kPlain;
  if (request->state == RequestState::kFailed) {
    Response response = ErrorResponse(503, request->reason, form);
    AddRetryAfter(request->retry_at - clock_.Now(), &response);
    return response;
  }
  const std::string address = addresses_.Of(request->place, host);
  if (request->state == RequestState::kDone) {
    return is_plain ? PlainResponse(200, address)
                    : JsonResponse(200, RequestView(*request, address));
  }
  Response response = is_plain ? PlainResponse(202, std::string(ReasonPhrase(202)))
                               : JsonResponse(202, RequestView(*request, ""));
  AddLocation(*request, &response);
  return response;
}

void RequestApi::ListMine(Call call) {
  const absl::StatusOr<std::string> client = ClientOf(call);
  if (!client.ok()) return call.reply.Send(ErrorResponse(client.status(), ErrorForm::kProblem));
  requests_.Find(*client, "",
                 [this, host = addresses_.CallersHost(call.request),
                  reply = Share(std::move(call.reply))](const absl::StatusOr<Request>& request) {
                   if (absl::IsNotFound(request.status()))
                     return reply->Send(JsonResponse(200, "[]"));
                   if (!request.ok()) {
                     return reply->Send(ErrorResponse(request.status(), ErrorForm::kProblem));
                   }
                   const std::string view =
                       RequestView(*request, addresses_.Of(request->place, host));
                   reply->Send(JsonResponse(200, base::StrCat("[", view, "]")));
                 });
}

void RequestApi::Get(Call call) {
  const absl::StatusOr<std::string> client = ClientOf(call);
  if (!client.ok()) return call.reply.Send(ErrorResponse(client.status(), ErrorForm::kProblem));
  requests_.Find(
      *client, call.params.front(),
      [this, host = addresses_.CallersHost(call.request),
       reply = Share(std::move(call.reply))](const absl::StatusOr<Request>& request) {
        if (!request.ok()) {
          return reply->Send(ErrorResponse(request.status(), ErrorForm::kProblem));
        }
        reply->Send(JsonResponse(200, RequestView(*request, addresses_.Of(request->place, host))));
      });
}

void RequestApi::Cancel(Call call) {
  const absl::StatusOr<std::string> client = ClientOf(call);
  if (!client.ok()) return call.reply.Send(ErrorResponse(client.status(), ErrorForm::kProblem));
  requests_.Cancel(*client, call.params.front(),
                   [reply = Share(std::move(call.reply))](const absl::StatusOr<Request>& request) {
                     reply->Send(request.ok()
                                     ? JsonResponse(202, RequestView(*request, ""))
                                     : ErrorResponse(request.status(), ErrorForm::kProblem));
                   });
}

}  // namespace muster::http
