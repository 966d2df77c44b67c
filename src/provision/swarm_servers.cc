#include "provision/swarm_servers.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "provision/engine_bodies.h"
#include "provision/exit_reason.h"
#include "provision/server_identity.h"

namespace muster::provision {
namespace {

// States behind "running", in which a task stays or from which it goes on to one of these.
bool IsEndState(const std::string& state) {
  constexpr std::array<const char*, 6> kEnds = {"complete", "shutdown", "failed",
                                                "rejected", "remove",   "orphaned"};
  return std::find(kEnds.begin(), kEnds.end(), state) != kEnds.end();
}

bool IsUsable(const std::string& address) {
  return !address.empty() && address != "0.0.0.0" && address != "::" && address != "::1" &&
         !address.starts_with("127.");
}

std::string ValueOf(const std::map<std::string, std::string>& labels, std::string_view name) {
  const auto found = labels.find(std::string(name));
  return found == labels.end() ? "" : found->second;
}

absl::StatusOr<std::string> Get(EngineApi& api, const std::string& path,
                                std::chrono::milliseconds timeout, const std::stop_token& stop) {
  return api.Call({.path = path, .timeout = timeout}, stop);
}

// `"NAME":["VALUE"]`, or nothing without a value.
std::string Also(const std::string& name, const std::string& value) {
  return value.empty() ? "" : base::StrCat("\"", name, "\":[\"", value, "\"]");
}

template <typename Item, typename Key>
const Item* FindBy(const std::vector<Item>& items, Key Item::*key, const Key& value) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const Item& item) { return item.*key == value; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

bool SwarmServer::IsRunning() const {
  return task.has_value() && task->state == "running" && !HasEnded();
}

bool SwarmServer::HasEnded() const {
  if (!task.has_value()) return false;
  return IsEndState(task->state) || IsEndState(task->desired_state) ||
         (node.has_value() && node->state == "down");
}

std::string SwarmServer::EndReason() const {
  if (task->state == "failed" || task->state == "complete") {
    return ExitReason(task->exit_code, /*out_of_memory=*/false, "");
  }
  if (node.has_value() && node->state == "down") return "its machine was lost";
  return task->error.empty() ? "it was stopped" : FitForPlayers(task->error);
}

absl::StatusOr<std::vector<SwarmServer>> ReadSwarmServers(EngineApi& api,
                                                          const std::string& deployment,
                                                          const std::string& server_id,
                                                          std::chrono::milliseconds timeout,
                                                          const std::stop_token& stop) {
  const std::string name = server_id.empty() ? "" : ServerName(deployment, server_id);
  MUSTER_ASSIGN_OR_RETURN(
      const std::string service_text,
      Get(api, base::StrCat("/services?filters=", OwnFilter(deployment, Also("name", name))),
          timeout, stop));
  MUSTER_ASSIGN_OR_RETURN(const std::vector<Service> services, ParseServices(service_text));
  if (services.empty()) return std::vector<SwarmServer>();
  MUSTER_ASSIGN_OR_RETURN(
      const std::string task_text,
      Get(api, base::StrCat("/tasks?filters=", OwnFilter(deployment, Also("service", name))),
          timeout, stop));
  MUSTER_ASSIGN_OR_RETURN(std::vector<Task> tasks, ParseTasks(task_text));
  MUSTER_ASSIGN_OR_RETURN(const std::string node_text, Get(api, "/nodes", timeout, stop));
  MUSTER_ASSIGN_OR_RETURN(const std::vector<Node> nodes, ParseNodes(node_text));
  // Should a service have several tasks, the latest counts.
  std::sort(tasks.begin(), tasks.end(),
            [](const Task& a, const Task& b) { return a.created_at > b.created_at; });
  std::vector<SwarmServer> servers;
  servers.reserve(services.size());
  for (const Service& service : services) {
    std::optional<std::string> id = ServerIdOfName(deployment, service.name);
    // The engine's filter takes a name for the beginning of one.
    if (!id.has_value() || (!server_id.empty() && *id != server_id)) continue;
    SwarmServer server = {.server_id = *std::move(id),
                          .service_id = service.id,
                          .version = ValueOf(service.labels, kVersionLabel)};
    if (const Task* task = FindBy(tasks, &Task::service_id, service.id)) server.task = *task;
    if (server.task.has_value()) {
      if (const Node* node = FindBy(nodes, &Node::id, server.task->node_id)) server.node = *node;
    }
    servers.push_back(std::move(server));
  }
  return servers;
}

std::string UsableAddress(const Node& node) {
  if (IsUsable(node.address)) return node.address;
  return IsUsable(node.manager_address) ? node.manager_address : "";
}

}  // namespace muster::provision
