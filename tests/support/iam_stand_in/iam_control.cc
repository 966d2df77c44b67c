#include "tests/support/iam_stand_in/iam_control.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "base/strings.h"

namespace muster::support {
namespace {

using Endpoint = IamStandIn::Endpoint;
using Query = std::map<std::string, std::string, std::less<>>;

const HttpReply kDone = {.status = 204};

HttpReply Bad(std::string_view what) { return {.status = 400, .body = std::string(what)}; }

Query ParseQuery(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    query[std::string(pair.substr(0, equals))] = pair.substr(std::min(equals + 1, pair.size()));
  }
  return query;
}

std::string_view Get(const Query& query, std::string_view name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string_view() : std::string_view(found->second);
}

// Empty for an unknown name.
std::vector<Endpoint> EndpointsOf(std::string_view name) {
  if (name == "jwks") return {Endpoint::kKeys};
  if (name == "revocationlist") return {Endpoint::kRevocations};
  if (name == "token") return {Endpoint::kLogin};
  if (name == "roles") return {Endpoint::kRole};
  if (name == "context") return {Endpoint::kStudio};
  if (name != "all") return {};
  return {Endpoint::kKeys, Endpoint::kRevocations, Endpoint::kLogin, Endpoint::kRole,
          Endpoint::kStudio};
}

// Nothing for an unknown manner.
std::optional<IamStandIn::Fault> FaultOf(std::string_view manner) {
  constexpr std::string_view kStatus = "status";
  if (manner == "whole") return IamStandIn::Fault{};
  if (manner == "half") return IamStandIn::Fault{.manner = HttpManner::kHalf};
  if (manner == "close") return IamStandIn::Fault{.manner = HttpManner::kClose};
  if (manner == "silent") return IamStandIn::Fault{.manner = HttpManner::kSilent};
  IamStandIn::Fault fault;
  if (!manner.starts_with(kStatus) ||
      !absl::SimpleAtoi(base::ToAbsl(manner.substr(kStatus.size())), &fault.status)) {
    return std::nullopt;
  }
  return fault;
}

HttpReply Token(IamStandIn& iam, const std::string& claims) {
  const std::optional<std::string> token = iam.SignToken(claims.empty() ? "{}" : claims);
  return token ? HttpReply{.body = *token} : Bad("the claims are no json object");
}

HttpReply Break(IamStandIn& iam, const Query& query) {
  const std::vector<Endpoint> endpoints = EndpointsOf(Get(query, "endpoint"));
  const std::optional<IamStandIn::Fault> fault = FaultOf(Get(query, "manner"));
  if (endpoints.empty()) return Bad("unknown endpoint");
  if (!fault) return Bad("unknown manner");
  for (const Endpoint endpoint : endpoints) iam.Break(endpoint, *fault);
  return kDone;
}

HttpReply Calls(IamStandIn& iam, const Query& query) {
  const std::vector<Endpoint> endpoints = EndpointsOf(Get(query, "endpoint"));
  if (endpoints.empty()) return Bad("unknown endpoint");
  int calls = 0;
  for (const Endpoint endpoint : endpoints) calls += iam.calls(endpoint);
  return {.body = base::StrCat(calls)};
}

HttpReply Role(IamStandIn& iam, const Query& query) {
  auth::Permission permission{std::string(Get(query, "resource"))};
  if (!absl::SimpleAtoi(base::ToAbsl(Get(query, "action")), &permission.action)) {
    return Bad("the action is no number");
  }
  iam.DefineRole(std::string(Get(query, "id")), {permission});
  return kDone;
}

HttpReply RevokeUser(IamStandIn& iam, const Query& query) {
  const std::chrono::sys_seconds now(std::chrono::seconds(absl::ToUnixSeconds(absl::Now())));
  iam.RevokeUser(std::string(Get(query, "id")), now);
  return kDone;
}

}  // namespace

HttpReply AnswerControl(IamStandIn& iam, const HttpCall& call) {
  const std::string_view target = call.path;
  const size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const Query query = ParseQuery(target.substr(std::min(mark + 1, target.size())));
  if (call.method != "POST") return {.status = 404};
  if (path == "/test/token") return Token(iam, call.body);
  if (path == "/test/break") return Break(iam, query);
  if (path == "/test/calls") return Calls(iam, query);
  if (path == "/test/role") return Role(iam, query);
  if (path == "/test/revoke_user") return RevokeUser(iam, query);
  if (path == "/test/rotate") {
    iam.RotateKeys();
    return kDone;
  }
  if (path == "/test/revoke") {
    iam.RevokeToken(call.body);
    return kDone;
  }
  if (path == "/test/studio") {
    iam.DefineStudio(std::string(Get(query, "namespace")), std::string(Get(query, "studio")));
    return kDone;
  }
  return {.status = 404};
}

}  // namespace muster::support
