#include "http/health_api.h"

#include <chrono>
#include <memory>
#include <utility>

#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::http {
namespace {

using net::server::Response;
using nlohmann::ordered_json;

// As often as those who watch readiness look.
constexpr std::chrono::seconds kRetryPause{1};

Response ReadyResponse(const std::vector<std::string>& problems) {
  ordered_json body = {{"ready", problems.empty()}};
  if (!problems.empty()) body["problems"] = problems;
  const std::string text = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  if (problems.empty()) return JsonResponse(200, text);
  Response response = JsonResponse(503, text);
  AddRetryAfter(kRetryPause, &response);
  return response;
}

}  // namespace

std::vector<Route> HealthApi::Routes() {
  return {
      {"healthz", "GET", "/healthz", Right::kAnyone, ErrorForm::kPlain, false,
       [](Call call) { call.reply.Send(PlainResponse(200, "ok")); }},
      {"readyz", "GET", "/readyz", Right::kAnyone, ErrorForm::kPlain, false,
       [this](Call call) { Ready(std::move(call)); }},
  };
}

void HealthApi::Ready(Call call) {
  const auto reply = std::make_shared<net::server::Reply>(std::move(call.reply));
  const bool queued = workers_.Submit([this, reply] {
    std::vector<std::string> problems;
    for (const Check& check : checks_) {
      const absl::Status status = check.run();
      if (!status.ok()) problems.push_back(base::StrCat(check.name, ": ", status.message()));
    }
    reply->Send(ReadyResponse(problems));
  });
  if (!queued) reply->Send(ReadyResponse({"workers: too many calls wait"}));
}

}  // namespace muster::http
