#include "provision/swarm_provisioner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/stop_wait.h"
#include "base/strings.h"
#include "provision/engine_bodies.h"
#include "provision/exit_reason.h"
#include "provision/failed_start.h"
#include "provision/server_identity.h"

namespace muster::provision {
namespace {

// A task runs within half a second, so looks are closer together than the operator's pause.
constexpr std::chrono::milliseconds kLook{100};
// Beyond the time that a server has for its end.
constexpr std::chrono::milliseconds kEndSlack{15'000};

absl::Status Cancelled() { return absl::CancelledError("the call was stopped"); }

int PublishedAt(const Task& task, const PortSpec& inside) {
  const std::string wanted = inside.ToString();
  for (const PublishedPort& port : task.ports) {
    if (port.inside == wanted) return port.outside;
  }
  return 0;
}

// Of a task that ended before it ran, in the codes of Provisioner::Start.
absl::Status TaskError(const SwarmServer& server) {
  const std::string message = base::StrCat(
      "the server could not be started: ",
      server.task->error.empty() ? server.EndReason() : FitForPlayers(server.task->error));
  const std::string error = absl::AsciiStrToLower(server.task->error);
  if (absl::StrContains(error, "no such image")) {
    return absl::NotFoundError(message);
  }
  if (absl::StrContains(error, "already allocated")) {
    return absl::ResourceExhaustedError(message);
  }
  return absl::InternalError(message);
}

// Of a task that has not come to run in time.
absl::Status LateError(const std::optional<SwarmServer>& server) {
  const bool waits = server.has_value() && server->task.has_value();
  if (waits && server->task->state == "pending") {
    return absl::ResourceExhaustedError(
        base::StrCat("no machine has room for the server: ", FitForPlayers(server->task->error)));
  }
  return absl::DeadlineExceededError("the server did not start in time");
}

}  // namespace

absl::StatusOr<std::unique_ptr<SwarmProvisioner>> SwarmProvisioner::Create(SwarmOptions options) {
  MUSTER_RETURN_IF_ERROR(CheckContainerOptions(options.container));
  MUSTER_ASSIGN_OR_RETURN(EngineEndpoint endpoint, OpenEngineEndpoint(options.container.engine));
  if (options.container.network.empty()) options.container.reach = ControlReach::kPublished;
  // The constructor is private.
  return std::unique_ptr<SwarmProvisioner>(
      new SwarmProvisioner(std::move(options), std::move(endpoint)));
}

SwarmProvisioner::SwarmProvisioner(SwarmOptions options, EngineEndpoint endpoint)
    : options_(std::move(options)), api_(std::move(endpoint), options_.container.on_detail) {}

std::string SwarmProvisioner::version() const { return ContainerVersion(options_.container); }

absl::StatusOr<lobby::Place> SwarmProvisioner::Start(const lobby::ServerSpec& spec,
                                                     std::stop_token stop) {
  MUSTER_RETURN_IF_ERROR(CheckServerId(spec.server_id));
  absl::StatusOr<lobby::Place> place = StartNamed(spec, stop);
  if (place.ok()) return place;
  return FailedStart(place.status(),
                     [&](const std::stop_token& late) { return Remove(spec.server_id, late); });
}

absl::StatusOr<lobby::Place> SwarmProvisioner::StartNamed(const lobby::ServerSpec& spec,
                                                          const std::stop_token& stop) {
  absl::Status created = CreateService(spec, stop);
  if (absl::IsAborted(created)) {
    MUSTER_ASSIGN_OR_RETURN(const std::optional<SwarmServer> there, Find(spec.server_id, stop));
    if (!there.has_value()) return created;
    if (there->HasEnded()) {
      MUSTER_RETURN_IF_ERROR(Remove(spec.server_id, stop));
      created = CreateService(spec, stop);
    } else {
      created = absl::OkStatus();
    }
  }
  MUSTER_RETURN_IF_ERROR(created);
  return Converge(spec.server_id, stop);
}

absl::Status SwarmProvisioner::CreateService(const lobby::ServerSpec& spec,
                                             const std::stop_token& stop) {
  const ContainerOptions& container = options_.container;
  return api_
      .Call({.method = "POST",
             .path = "/services/create",
             .body = ServiceBody(options_, spec),
             .registry_auth = RegistryAuth(container.registry_user, container.registry_password),
             .timeout = container.call_timeout},
            stop)
      .status();
}

absl::StatusOr<lobby::Place> SwarmProvisioner::Converge(const std::string& server_id,
                                                        const std::stop_token& stop) {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime deadline =
      clock.MonotonicNow() + options_.converge_attempts * options_.converge_pause;
  std::optional<SwarmServer> server;
  absl::StatusOr<lobby::Place> place = absl::UnknownError("");
  while (clock.MonotonicNow() < deadline) {
    MUSTER_ASSIGN_OR_RETURN(server, Find(server_id, stop));
    if (!server.has_value()) return absl::InternalError("the server was removed as it started");
    if (server->HasEnded()) return TaskError(*server);
    if (server->IsRunning()) {
      place = PlaceOf(*server);
      if (place.ok()) {
        started_.Add(server->service_id, server_id);
        return place;
      }
    }
    if (!base::WaitUnlessStopped(std::min(kLook, options_.converge_pause), stop)) {
      return Cancelled();
    }
  }
  // It runs, but without a port.
  if (server.has_value() && server->IsRunning()) return place.status();
  return LateError(server);
}

absl::StatusOr<std::optional<SwarmServer>> SwarmProvisioner::Find(const std::string& server_id,
                                                                  const std::stop_token& stop) {
  MUSTER_ASSIGN_OR_RETURN(std::vector<SwarmServer> servers,
                          ReadSwarmServers(api_, options_.container.deployment, server_id,
                                           options_.container.call_timeout, stop));
  if (servers.empty()) return std::optional<SwarmServer>();
  return std::optional<SwarmServer>(std::move(servers[0]));
}

absl::Status SwarmProvisioner::Stop(const std::string& server_id, std::stop_token stop) {
  MUSTER_RETURN_IF_ERROR(CheckServerId(server_id));
  return Remove(server_id, stop);
}

absl::Status SwarmProvisioner::Remove(const std::string& server_id, const std::stop_token& stop) {
  MUSTER_ASSIGN_OR_RETURN(const std::optional<SwarmServer> server, Find(server_id, stop));
  if (!server.has_value()) return absl::OkStatus();
  const absl::Status removed = api_.Call({.method = "DELETE",
                                          .path = base::StrCat("/services/", server->service_id),
                                          .timeout = options_.container.call_timeout},
                                         stop)
                                   .status();
  if (!removed.ok() && !absl::IsNotFound(removed)) return removed;
  // The task of a lost node ends when its node is back.
  return server->HasEnded() ? absl::OkStatus() : WaitForTaskEnd(server->service_id, stop);
}

absl::Status SwarmProvisioner::WaitForTaskEnd(const std::string& service_id,
                                              const std::stop_token& stop) {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime deadline =
      clock.MonotonicNow() + options_.container.stop_timeout + kEndSlack;
  const std::string path =
      base::StrCat("/tasks?filters=", OwnFilter(options_.container.deployment));
  while (clock.MonotonicNow() < deadline) {
    MUSTER_ASSIGN_OR_RETURN(
        const std::string text,
        api_.Call({.path = path, .timeout = options_.container.call_timeout}, stop));
    MUSTER_ASSIGN_OR_RETURN(const std::vector<Task> tasks, ParseTasks(text));
    const bool gone = std::none_of(tasks.begin(), tasks.end(), [&](const Task& task) {
      return task.service_id == service_id && task.state == "running";
    });
    if (gone) return absl::OkStatus();
    if (!base::WaitUnlessStopped(kLook, stop)) return Cancelled();
  }
  return absl::DeadlineExceededError("the server does not end");
}

absl::StatusOr<std::vector<lobby::FoundServer>> SwarmProvisioner::List(std::stop_token stop) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<SwarmServer> servers,
                          ReadSwarmServers(api_, options_.container.deployment, "",
                                           options_.container.call_timeout, stop));
  std::vector<lobby::FoundServer> found;
  found.reserve(servers.size());
  for (const SwarmServer& server : servers) {
    lobby::FoundServer entry = {.server_id = server.server_id, .running = server.IsRunning()};
    const absl::StatusOr<lobby::Place> place = PlaceOf(server);
    if (entry.running && place.ok()) {
      entry.place = *place;
      entry.version = server.version;
    }
    found.push_back(std::move(entry));
  }
  return found;
}

absl::StatusOr<lobby::Place> SwarmProvisioner::PlaceOf(const SwarmServer& server) const {
  const int port =
      server.task.has_value() ? PublishedAt(*server.task, options_.container.expose_port) : 0;
  if (port == 0) {
    return absl::InvalidArgumentError("no binding found for specified IMAGE_EXPOSE_PORT");
  }
  lobby::Place place = {.server_id = server.server_id, .port = port};
  if (server.node.has_value()) {
    place.node = server.node->host_name;
    place.node_address = UsableAddress(*server.node);
  }
  if (place.node_address.empty()) place.node_address = api_.remote_host();
  MUSTER_ASSIGN_OR_RETURN(const std::string control, ControlAuthority(server, place.node_address));
  place.control_url = base::StrCat("http://", control);
  return place;
}

absl::StatusOr<std::string> SwarmProvisioner::ControlAuthority(
    const SwarmServer& server, const std::string& node_address) const {
  const ContainerOptions& wanted = options_.container;
  if (wanted.reach == ControlReach::kName) {
    return base::JoinHostPort(ServerName(wanted.deployment, server.server_id),
                              wanted.control_port.port);
  }
  if (wanted.reach == ControlReach::kAddress) {
    const auto address = server.task->addresses.find(wanted.network);
    if (address != server.task->addresses.end()) {
      return base::JoinHostPort(address->second, wanted.control_port.port);
    }
    return absl::InvalidArgumentError("the server has no address on the specified DOCKER_NETWORK");
  }
  const int port = PublishedAt(*server.task, wanted.control_port);
  if (port == 0) {
    return absl::InvalidArgumentError("no binding found for specified IMAGE_CONTROL_PORT");
  }
  return base::JoinHostPort(node_address.empty() ? "127.0.0.1" : node_address, port);
}

std::unique_ptr<lobby::Provisioner::Watch> SwarmProvisioner::WatchExits(OnExit on_exit,
                                                                        OnGap on_gap) {
  return std::make_unique<SwarmExits>(api_, started_, options_.container.deployment,
                                      options_.look_interval, std::move(on_exit),
                                      std::move(on_gap));
}

}  // namespace muster::provision
