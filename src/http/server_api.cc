#include "http/server_api.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "http/json_text.h"
#include "net/url.h"
#include "nlohmann/json.hpp"

namespace muster::http {
namespace {

using lobby::FleetView;
using lobby::GameServer;
using lobby::ServerCommand;
using net::server::Reply;
using net::server::Response;
using nlohmann::ordered_json;

ordered_json ServerView(const GameServer& server, const FleetView::Server* seen,
                        const std::string& address) {
  ordered_json view = {{"id", server.id}, {"state", lobby::ServerStateName(server.state)}};
  if (server.place.port != 0) view["address"] = address;
  if (!server.place.node.empty()) view["node"] = server.place.node;
  view["slots"] = server.slots;
  if (seen != nullptr) {
    view["slots"] = seen->server.slots;
    view["used"] = seen->used;
    view["answering"] = seen->answering;
  }
  view["created_at_ms"] = server.created_at.time_since_epoch().count();
  return view;
}

Response ListResponse(const absl::StatusOr<std::vector<GameServer>>& servers, const FleetView& view,
                      const Addresses& addresses, const std::string& host) {
  if (!servers.ok()) return ErrorResponse(servers.status(), ErrorForm::kProblem);
  ordered_json list = ordered_json::array();
  for (const GameServer& server : *servers) {
    const auto seen =
        std::find_if(view.servers.begin(), view.servers.end(),
                     [&](const FleetView::Server& each) { return each.server.id == server.id; });
    list.push_back(ServerView(server, seen == view.servers.end() ? nullptr : &*seen,
                              addresses.Of(server.place, host)));
  }
  return JsonResponse(200, JsonText(list));
}

// Nothing when the query cannot be read.
std::optional<bool> WantsNow(const std::string& query) {
  const auto params = net::ParseQuery(query);
  if (!params) return std::nullopt;
  return std::any_of(params->begin(), params->end(), [](const auto& param) {
    return param.first == "now" && param.second == "true";
  });
}

}  // namespace

std::vector<Route> ServerApi::Routes() {
  const auto on = [this](void (ServerApi::*method)(Call)) {
    return [this, method](Call call) { (this->*method)(std::move(call)); };
  };
  return {
      {"list_servers", "GET", "/v1/servers", Right::kAdmin, ErrorForm::kProblem, true,
       on(&ServerApi::List)},
      {"end_server", "DELETE", "/v1/servers/{id}", Right::kAdmin, ErrorForm::kProblem, true,
       on(&ServerApi::End)},
      {"server_changed", "POST", "/v1/servers/{id}/changed", Right::kServer, ErrorForm::kProblem,
       true, on(&ServerApi::Changed)},
  };
}

void ServerApi::List(Call call) {
  const auto reply = std::make_shared<Reply>(std::move(call.reply));
  const bool queued =
      ports_.workers.Submit([this, reply, host = ports_.addresses.CallersHost(call.request)] {
        reply->Send(ListResponse(ports_.store.Servers(), ports_.view(), ports_.addresses, host));
      });
  if (!queued) reply->Send(ErrorResponse(503, "too many calls wait", ErrorForm::kProblem));
}

void ServerApi::End(Call call) {
  const std::optional<bool> now = WantsNow(call.request.query);
  if (!now) {
    return call.reply.Send(ErrorResponse(400, "the query cannot be decoded", ErrorForm::kProblem));
  }
  const auto reply = std::make_shared<Reply>(std::move(call.reply));
  const bool queued = ports_.workers.Submit([this, reply, now, id = call.params.front()] {
    const absl::StatusOr<std::vector<GameServer>> servers = ports_.store.Servers();
    if (!servers.ok()) return reply->Send(ErrorResponse(servers.status(), ErrorForm::kProblem));
    const bool is_known = std::any_of(servers->begin(), servers->end(),
                                      [&](const GameServer& server) { return server.id == id; });
    if (!is_known) return reply->Send(ErrorResponse(404, "no such server", ErrorForm::kProblem));
    const auto what = *now ? ServerCommand::What::kStop : ServerCommand::What::kDrain;
    ports_.bus.Publish(lobby::kServersChannel, lobby::EncodeCommand({what, id}));
    reply->Send(JsonResponse(202, "{}"));
  });
  if (!queued) reply->Send(ErrorResponse(503, "too many calls wait", ErrorForm::kProblem));
}

void ServerApi::Changed(Call call) {
  ports_.bus.Publish(lobby::kWorkChannel, call.caller.server_id);
  call.reply.Send({.status = 204});
}

}  // namespace muster::http
