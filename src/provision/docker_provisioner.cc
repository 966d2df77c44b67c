#include "provision/docker_provisioner.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "provision/docker_exits.h"
#include "provision/engine_bodies.h"
#include "provision/exit_reason.h"
#include "provision/failed_start.h"
#include "provision/server_identity.h"

namespace muster::provision {
namespace {

constexpr char kRunning[] = "running";
constexpr char kExited[] = "exited";

// Of one call that removes a container.
constexpr std::chrono::milliseconds kRemoveTimeout{10'000};

// "name:tag" and "name@digest" in two; without either the tag is "latest".
std::pair<std::string, std::string> SplitImage(const std::string& image) {
  const size_t at = image.find('@');
  const std::string name = image.substr(0, at);
  const size_t colon = name.rfind(':');
  // The colon of "registry:5000/name" begins no tag.
  const bool tagged = colon != std::string::npos && name.find('/', colon) == std::string::npos;
  const std::string bare = tagged ? name.substr(0, colon) : name;
  if (at != std::string::npos) return {bare, image.substr(at + 1)};
  return {bare, tagged ? name.substr(colon + 1) : "latest"};
}

// Players of a paused server come back when it goes on.
bool Lives(const Container& container) {
  return container.state == kRunning || container.state == "paused" ||
         container.state == "restarting";
}

// Published port of an inside one; 0 when there is none.
int PublishedAt(const Container& container, const PortSpec& inside) {
  const std::string wanted = inside.ToString();
  for (const PublishedPort& port : container.ports) {
    if (port.inside == wanted) return port.outside;
  }
  return 0;
}

bool IsAnyAddress(const std::string& address) {
  return address.empty() || address == "0.0.0.0" || address == "::";
}

}  // namespace

absl::StatusOr<std::unique_ptr<DockerProvisioner>> DockerProvisioner::Create(
    DockerOptions options) {
  MUSTER_RETURN_IF_ERROR(CheckContainerOptions(options.container));
  MUSTER_ASSIGN_OR_RETURN(EngineEndpoint endpoint, OpenEngineEndpoint(options.container.engine));
  // The constructor is private.
  return std::unique_ptr<DockerProvisioner>(
      new DockerProvisioner(std::move(options), std::move(endpoint)));
}

DockerProvisioner::DockerProvisioner(DockerOptions options, EngineEndpoint endpoint)
    : options_(std::move(options)), api_(std::move(endpoint), options_.container.on_detail) {}

std::string DockerProvisioner::version() const { return ContainerVersion(options_.container); }

EngineCall DockerProvisioner::MakeCall(std::string method, std::string path) const {
  return {.method = std::move(method),
          .path = std::move(path),
          .timeout = options_.container.call_timeout};
}

absl::StatusOr<lobby::Place> DockerProvisioner::Start(const lobby::ServerSpec& spec,
                                                      std::stop_token stop) {
  MUSTER_RETURN_IF_ERROR(CheckServerId(spec.server_id));
  absl::StatusOr<lobby::Place> place = StartNamed(spec, stop);
  if (place.ok()) return place;
  return FailedStart(place.status(),
                     [&](const std::stop_token& late) { return Remove(spec.server_id, late); });
}

absl::StatusOr<lobby::Place> DockerProvisioner::StartNamed(const lobby::ServerSpec& spec,
                                                           const std::stop_token& stop) {
  MUSTER_ASSIGN_OR_RETURN(const bool reused, Reuse(spec.server_id, stop));
  if (!reused) {
    MUSTER_RETURN_IF_ERROR(EnsureContainer(spec, stop));
    MUSTER_RETURN_IF_ERROR(StartContainer(spec.server_id, stop));
  }
  MUSTER_ASSIGN_OR_RETURN(const std::optional<Container> container, Find(spec.server_id, stop));
  if (!container.has_value()) return absl::InternalError("the server was removed as it started");
  if (container->state != kRunning) {
    return absl::InternalError(base::StrCat(
        "the server ", ExplainContainer(api_, container->id, container->exit_code, stop)));
  }
  return PlaceOf(*container, spec.server_id);
}

absl::Status DockerProvisioner::StartContainer(const std::string& server_id,
                                               const std::stop_token& stop) {
  const std::string name = ServerName(options_.container.deployment, server_id);
  return api_.Call(MakeCall("POST", base::StrCat("/containers/", name, "/start")), stop).status();
}

absl::Status DockerProvisioner::EnsureContainer(const lobby::ServerSpec& spec,
                                                const std::stop_token& stop) {
  if (options_.pull == PullPolicy::kAlways) MUSTER_RETURN_IF_ERROR(Pull(stop));
  absl::Status created = CreateContainer(spec, stop);
  if (absl::IsNotFound(created) && options_.pull == PullPolicy::kMissing) {
    MUSTER_RETURN_IF_ERROR(Pull(stop));
    created = CreateContainer(spec, stop);
  }
  if (!absl::IsAborted(created)) return created;
  MUSTER_ASSIGN_OR_RETURN(const std::optional<Container> there, Find(spec.server_id, stop));
  if (!there.has_value()) return created;
  if (there->state == kRunning) return absl::OkStatus();
  MUSTER_RETURN_IF_ERROR(Remove(spec.server_id, stop));
  return CreateContainer(spec, stop);
}

absl::Status DockerProvisioner::CreateContainer(const lobby::ServerSpec& spec,
                                                const std::stop_token& stop) {
  const std::string name = ServerName(options_.container.deployment, spec.server_id);
  EngineCall call = MakeCall("POST", base::StrCat("/containers/create?name=", name));
  call.body = ContainerBody(options_, spec);
  return api_.Call(call, stop).status();
}

absl::Status DockerProvisioner::Pull(const std::stop_token& stop) {
  const ContainerOptions& container = options_.container;
  const auto [name, tag] = SplitImage(container.image);
  EngineCall call = MakeCall("POST", base::StrCat("/images/create?fromImage=", QueryValue(name),
                                                  "&tag=", QueryValue(tag)));
  call.registry_auth = RegistryAuth(container.registry_user, container.registry_password);
  call.timeout = options_.pull_timeout;
  const absl::StatusOr<std::string> lines = api_.Call(call, stop);
  std::optional<std::string> error;
  if (lines.ok()) {
    // The engine answers 200 before it knows how the pull ends.
    error = ParsePullError(*lines);
    if (!error.has_value()) return absl::OkStatus();
    api_.Detail(base::StrCat("pull: ", *error));
  } else if (!absl::IsNotFound(lines.status()) && !absl::IsInternal(lines.status())) {
    return lines.status();
  }
  return absl::NotFoundError(base::StrCat(
      "the server's image cannot be pulled: ",
      error.has_value() ? FitForPlayers(*error) : std::string(lines.status().message())));
}

absl::StatusOr<bool> DockerProvisioner::Reuse(const std::string& server_id,
                                              const std::stop_token& stop) {
  if (!options_.reuse_exited) return false;
  base::MutexLock lock(&reusing_);
  MUSTER_ASSIGN_OR_RETURN(const bool renamed, RenameEnded(server_id, stop));
  if (renamed) MUSTER_RETURN_IF_ERROR(StartContainer(server_id, stop));
  return renamed;
}

absl::StatusOr<bool> DockerProvisioner::RenameEnded(const std::string& server_id,
                                                    const std::stop_token& stop) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<Container> containers, ListContainers(stop));
  const std::string name = ServerName(options_.container.deployment, server_id);
  for (const Container& container : containers) {
    const auto version_at = container.labels.find(std::string(kVersionLabel));
    const bool fits = container.state == kExited && version_at != container.labels.end() &&
                      version_at->second == version();
    if (!fits) continue;
    if (container.name == "/" + name) return true;
    const std::string path = base::StrCat("/containers/", container.id, "/rename?name=", name);
    const absl::Status renamed = api_.Call(MakeCall("POST", path), stop).status();
    // Somebody else may have taken it, or there is one of that name: then a new one is due.
    if (renamed.ok()) return true;
    if (!absl::IsNotFound(renamed)) return false;
  }
  return false;
}

absl::Status DockerProvisioner::Stop(const std::string& server_id, std::stop_token stop) {
  MUSTER_RETURN_IF_ERROR(CheckServerId(server_id));
  MUSTER_ASSIGN_OR_RETURN(const std::optional<Container> container, Find(server_id, stop));
  if (!container.has_value()) return absl::OkStatus();
  if (options_.reuse_exited && container->state == kExited) return absl::OkStatus();
  EngineCall call =
      MakeCall("POST", base::StrCat("/containers/", container->id,
                                    "/stop?t=", options_.container.stop_timeout.count()));
  call.timeout += options_.container.stop_timeout;
  const absl::Status stopped = api_.Call(call, stop).status();
  if (absl::IsCancelled(stopped) || absl::IsUnavailable(stopped)) return stopped;
  // By force, should it be in a state that the engine cannot stop it from.
  return Remove(server_id, stop);
}

absl::Status DockerProvisioner::Remove(const std::string& server_id, const std::stop_token& stop) {
  MUSTER_ASSIGN_OR_RETURN(const std::optional<Container> container, Find(server_id, stop));
  if (!container.has_value()) return absl::OkStatus();
  EngineCall call = MakeCall("DELETE", base::StrCat("/containers/", container->id, "?force=1&v=1"));
  call.timeout = std::min(call.timeout, kRemoveTimeout);
  const absl::Status removed = api_.Call(call, stop).status();
  // Aborted: somebody else is removing it.
  const bool gone = absl::IsNotFound(removed) || absl::IsAborted(removed);
  return gone ? absl::OkStatus() : removed;
}

absl::StatusOr<std::vector<lobby::FoundServer>> DockerProvisioner::List(std::stop_token stop) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<Container> containers, ListContainers(stop));
  std::vector<lobby::FoundServer> found;
  found.reserve(containers.size());
  for (const Container& container : containers) {
    std::optional<std::string> server_id =
        ServerIdOfName(options_.container.deployment, container.name);
    const bool kept = options_.reuse_exited && container.state == kExited;
    if (!server_id.has_value() || kept) continue;
    lobby::FoundServer server = {.server_id = *server_id, .running = Lives(container)};
    const auto version_at = container.labels.find(std::string(kVersionLabel));
    const absl::StatusOr<lobby::Place> place = PlaceOf(container, *server_id);
    if (server.running && place.ok()) {
      server.place = *place;
      if (version_at != container.labels.end()) server.version = version_at->second;
    }
    found.push_back(std::move(server));
  }
  return found;
}

absl::StatusOr<std::vector<Container>> DockerProvisioner::ListContainers(
    const std::stop_token& stop) {
  const std::string filter = OwnFilter(options_.container.deployment);
  MUSTER_ASSIGN_OR_RETURN(
      const std::string answer,
      api_.Call(MakeCall("GET", base::StrCat("/containers/json?all=1&filters=", filter)), stop));
  return ParseContainers(answer);
}

absl::StatusOr<std::optional<Container>> DockerProvisioner::Find(const std::string& server_id,
                                                                 const std::stop_token& stop) {
  const std::string name = ServerName(options_.container.deployment, server_id);
  const absl::StatusOr<std::string> answer =
      api_.Call(MakeCall("GET", base::StrCat("/containers/", name, "/json")), stop);
  if (absl::IsNotFound(answer.status())) return std::optional<Container>();
  MUSTER_RETURN_IF_ERROR(answer.status());
  MUSTER_ASSIGN_OR_RETURN(Container container, ParseContainer(*answer));
  const auto deployment = container.labels.find(std::string(kDeploymentLabel));
  // "a" with a server "b-c" and "a-b" with "c" have the same name.
  if (deployment == container.labels.end() || deployment->second != options_.container.deployment) {
    return std::optional<Container>();
  }
  return std::optional<Container>(std::move(container));
}

absl::StatusOr<lobby::Place> DockerProvisioner::PlaceOf(const Container& container,
                                                        const std::string& server_id) const {
  const int port = PublishedAt(container, options_.container.expose_port);
  if (port == 0) {
    return absl::InvalidArgumentError("no binding found for specified IMAGE_EXPOSE_PORT");
  }
  MUSTER_ASSIGN_OR_RETURN(const std::string control, ControlAuthority(container));
  return lobby::Place{.server_id = server_id,
                      .node_address = api_.remote_host(),
                      .port = port,
                      .control_url = base::StrCat("http://", control)};
}

absl::StatusOr<std::string> DockerProvisioner::ControlAuthority(const Container& container) const {
  const ContainerOptions& wanted = options_.container;
  if (wanted.reach == ControlReach::kName) {
    const std::string name = container.name.substr(container.name.starts_with('/') ? 1 : 0);
    return base::JoinHostPort(name, wanted.control_port.port);
  }
  if (wanted.reach == ControlReach::kPublished) {
    const int port = PublishedAt(container, wanted.control_port);
    if (port == 0) {
      return absl::InvalidArgumentError("no binding found for specified IMAGE_CONTROL_PORT");
    }
    if (!api_.remote_host().empty()) return base::JoinHostPort(api_.remote_host(), port);
    const bool any = IsAnyAddress(options_.publish_address);
    return base::JoinHostPort(any ? "127.0.0.1" : options_.publish_address, port);
  }
  for (const auto& [network, address] : container.addresses) {
    const bool matches = wanted.network.empty() || network == wanted.network;
    if (matches && !address.empty()) return base::JoinHostPort(address, wanted.control_port.port);
  }
  return absl::InvalidArgumentError("the server has no address on the specified DOCKER_NETWORK");
}

std::unique_ptr<lobby::Provisioner::Watch> DockerProvisioner::WatchExits(OnExit on_exit,
                                                                         OnGap on_gap) {
  return std::make_unique<DockerExits>(api_, options_.container.deployment, std::move(on_exit),
                                       std::move(on_gap));
}

}  // namespace muster::provision
