#include "provision/engine_bodies.h"

#include <cmath>
#include <cstdint>
#include <map>

#include "base/strings.h"
#include "nlohmann/json.hpp"
#include "provision/engine_api.h"
#include "provision/server_identity.h"

namespace muster::provision {
namespace {

using nlohmann::json;

// Of what a container writes, the engine keeps so much.
constexpr char kLogBytes[] = "8m";

int64_t NanoCpus(double cpus) { return std::llround(cpus * 1e9); }

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json Environment(const ContainerOptions& options, const lobby::ServerSpec& spec) {
  std::map<std::string, std::string> variables = spec.environment;
  variables["SERVER_ID"] = spec.server_id;
  variables["GAME_PORT"] = base::StrCat(options.expose_port.port);
  variables["CONTROL_PORT"] = base::StrCat(options.control_port.port);
  json list = json::array();
  for (const auto& [name, value] : variables) list.push_back(base::StrCat(name, "=", value));
  return list;
}

json Labels(const ContainerOptions& options, const lobby::ServerSpec& spec) {
  return ServerLabels(options.deployment, spec.server_id, ContainerVersion(options));
}

json LogConfig(const char* driver_name) {
  return {
      {driver_name, "json-file"},
      {driver_name[0] == 'T' ? "Config" : "Options", {{"max-size", kLogBytes}, {"max-file", "1"}}}};
}

json HostConfig(const DockerOptions& options) {
  const ContainerOptions& container = options.container;
  // Port 0: the kernel chooses.
  const json binding = {{{"HostIp", options.publish_address}, {"HostPort", "0"}}};
  json config = {{"PortBindings", {{container.expose_port.ToString(), binding}}},
                 {"SecurityOpt", {"no-new-privileges"}},
                 {"CapDrop", {"ALL"}},
                 {"Init", container.init},
                 {"RestartPolicy", {{"Name", "no"}}},
                 {"LogConfig", LogConfig("Type")}};
  if (container.reach == ControlReach::kPublished) {
    config["PortBindings"][container.control_port.ToString()] = binding;
  }
  if (!container.network.empty()) config["NetworkMode"] = container.network;
  if (container.cpus > 0) config["NanoCpus"] = NanoCpus(container.cpus);
  if (container.pids > 0) config["PidsLimit"] = container.pids;
  if (container.memory_bytes > 0) {
    config["Memory"] = container.memory_bytes;
    // The same number means no swap beside it.
    config["MemorySwap"] = container.memory_bytes;
  }
  return config;
}

json HostPort(const PortSpec& port) {
  return {{"Protocol", port.protocol}, {"TargetPort", port.port}, {"PublishMode", "host"}};
}

json ServicePorts(const ContainerOptions& options) {
  json ports = {HostPort(options.expose_port)};
  const bool same = options.control_port == options.expose_port;
  if (options.reach == ControlReach::kPublished && !same) {
    ports.push_back(HostPort(options.control_port));
  }
  return ports;
}

// What is limited is reserved, too, so that the Swarm does not give a node more than it has.
json ServiceResources(const ContainerOptions& options) {
  json reserved = json::object();
  if (options.cpus > 0) reserved["NanoCPUs"] = NanoCpus(options.cpus);
  if (options.memory_bytes > 0) reserved["MemoryBytes"] = options.memory_bytes;
  json limits = reserved;
  if (options.pids > 0) limits["Pids"] = options.pids;
  return {{"Limits", limits}, {"Reservations", reserved}};
}

}  // namespace

std::string ContainerBody(const DockerOptions& options, const lobby::ServerSpec& spec) {
  const ContainerOptions& container = options.container;
  const json ports = {{container.expose_port.ToString(), json::object()},
                      {container.control_port.ToString(), json::object()}};
  return Dump({{"Image", container.image},
               {"Env", Environment(container, spec)},
               {"Labels", Labels(container, spec)},
               {"ExposedPorts", ports},
               {"HostConfig", HostConfig(options)}});
}

std::string ServiceBody(const SwarmOptions& options, const lobby::ServerSpec& spec) {
  const ContainerOptions& container = options.container;
  const auto grace = std::chrono::nanoseconds(container.stop_timeout).count();
  const json program = {{"Image", container.image},
                        {"Env", Environment(container, spec)},
                        {"Labels", Labels(container, spec)},
                        {"Init", container.init},
                        {"CapabilityDrop", {"ALL"}},
                        // Engines before API 1.44 pass it over.
                        {"Privileges", {{"NoNewPrivileges", true}}},
                        {"StopGracePeriod", grace}};
  json task = {{"ContainerSpec", program},
               {"Resources", ServiceResources(container)},
               {"RestartPolicy", {{"Condition", "none"}}},
               {"LogDriver", LogConfig("Name")}};
  if (!container.network.empty()) {
    task["Networks"] = json::array({{{"Target", container.network}}});
  }
  return Dump({{"Name", ServerName(container.deployment, spec.server_id)},
               {"Labels", Labels(container, spec)},
               {"TaskTemplate", task},
               {"Mode", {{"Replicated", {{"Replicas", 1}}}}},
               // No virtual address: its name means the task itself.
               {"EndpointSpec", {{"Mode", "dnsrr"}, {"Ports", ServicePorts(container)}}}});
}

std::string OwnFilter(const std::string& deployment, const std::string& more) {
  const json labels = {base::StrCat(kOwnerLabel, "=", kOwner),
                       base::StrCat(kDeploymentLabel, "=", deployment)};
  return QueryValue(
      base::StrCat("{", more, more.empty() ? "" : ",", "\"label\":", labels.dump(), "}"));
}

}  // namespace muster::provision
