#include "http/health_api.h"

#include <chrono>
#include <memory>
#include <utility>

#include "base/strings.h"
#include "http/json_text.h"
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
  const std::string text = JsonText(body);
  if (problems.empty()) return JsonResponse(200, text);
  Response response = JsonResponse(503, text);
  AddRetryAfter(kRetryPause, &response);
  return response;
}

}  // namespace

std::vector<Route> HealthApi::Routes() {
  return {
      {"healthz", "GET", "/healthz", Right::kAnyone, ErrorForm::kPlain, false,
       [](Call call) { call.reply.Send(PlainResponse(200, "ok")); }, /*is_probe=*/true},
      {"readyz", "GET", "/readyz", Right::kAnyone, ErrorForm::kPlain, false,
       [this](Call call) { Ready(std::move(call)); }, /*is_probe=*/true},
  };
}

void HealthApi::Ready(Call call) {
  {
    base::MutexLock lock(&mu_);
    waiting_.push_back(std::move(call.reply));
    if (is_checking_) return;
    is_checking_ = true;
  }
  if (workers_.Submit([this] { RunChecks(); })) return;
  for (net::server::Reply& reply : TakeWaiting()) {
    reply.Send(ReadyResponse({"workers: too many calls wait"}));
  }
}

void HealthApi::RunChecks() {
  std::vector<std::string> problems;
  for (const Check& check : checks_) {
    const absl::Status status = check.run();
    if (!status.ok()) problems.push_back(base::StrCat(check.name, ": ", status.message()));
  }
  for (net::server::Reply& reply : TakeWaiting()) reply.Send(ReadyResponse(problems));
}

HealthApi::Replies HealthApi::TakeWaiting() {
  base::MutexLock lock(&mu_);
  is_checking_ = false;
  return std::exchange(waiting_, {});
}

}  // namespace muster::http
