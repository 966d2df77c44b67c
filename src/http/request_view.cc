#include "http/request_view.h"

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "http/json_text.h"
#include "nlohmann/json.hpp"

namespace muster::http {
namespace {

using nlohmann::ordered_json;

std::string_view WordOf(lobby::RequestState state) {
  switch (state) {
    case lobby::RequestState::kCreated:
    case lobby::RequestState::kInProgress:
      return "waiting";
    case lobby::RequestState::kDone:
      return "ready";
    case lobby::RequestState::kFailed:
      return "failed";
    case lobby::RequestState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

ordered_json View(const lobby::Request& request, std::string_view address) {
  ordered_json view = {{"id", request.id}, {"state", lobby::RequestStateName(request.state)}};
  if (request.state == lobby::RequestState::kDone) view["address"] = address;
  if (!request.reason.empty()) view["reason"] = request.reason;
  if (request.attempts > 0) view["attempts"] = request.attempts;
  view["created_at_ms"] = request.created_at.time_since_epoch().count();
  view["changed_at_ms"] = request.changed_at.time_since_epoch().count();
  if (request.retry_at != base::Timestamp()) {
    view["retry_at_ms"] = request.retry_at.time_since_epoch().count();
  }
  return view;
}

}  // namespace

std::string RequestView(const lobby::Request& request, std::string_view address) {
  return JsonText(View(request, address));
}

std::string RequestMessage(const lobby::Request& request, std::string_view address) {
  return JsonText({{"type", base::StrCat("request.", WordOf(request.state))},
                   {"id", request.revision},
                   {"data", View(request, address)}});
}

}  // namespace muster::http
