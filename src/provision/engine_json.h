#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// What a Docker Engine answers, as far as it matters here. The readers are lenient: what is missing
// or of another type than it should be is empty; only text that is no JSON at all, or JSON of
// another kind, is INTERNAL.
namespace muster::provision {

struct PublishedPort {
  // "3000/tcp"
  std::string inside;
  int outside = 0;
};

struct Container {
  std::string id;
  std::string name;
  // "created", "running", "exited", ...
  std::string state;
  std::map<std::string, std::string> labels;
  std::vector<PublishedPort> ports;
  // Address by network.
  std::map<std::string, std::string> addresses;
  // Known from an inspection only.
  int exit_code = 0;
  bool out_of_memory = false;
};

struct ContainerEvent {
  // Nanoseconds since 1970, by the engine's clock.
  int64_t time_ns = 0;
  std::string action;
  std::string id;
  std::string name;
  int exit_code = 0;
};

struct Service {
  std::string id;
  std::string name;
  std::map<std::string, std::string> labels;
};

struct Task {
  std::string id;
  std::string service_id;
  std::string node_id;
  // "new", "pending", ..., "running", "complete", "failed", ...
  std::string state;
  std::string desired_state;
  std::string error;
  int exit_code = 0;
  std::vector<PublishedPort> ports;
  std::map<std::string, std::string> addresses;
  // Orders the tasks of a service.
  std::string created_at;
};

struct Node {
  std::string id;
  std::string host_name;
  // "ready", "down", ...
  std::string state;
  std::string address;
  // Host of the manager's own address; empty for a worker.
  std::string manager_address;
};

struct EngineVersions {
  std::string newest;
  std::string oldest;
};

absl::StatusOr<EngineVersions> ParseEngineVersions(std::string_view text);
absl::StatusOr<std::vector<Container>> ParseContainers(std::string_view text);
absl::StatusOr<Container> ParseContainer(std::string_view text);
absl::StatusOr<ContainerEvent> ParseContainerEvent(std::string_view line);
absl::StatusOr<std::vector<Service>> ParseServices(std::string_view text);
absl::StatusOr<std::vector<Task>> ParseTasks(std::string_view text);
absl::StatusOr<std::vector<Node>> ParseNodes(std::string_view text);

// {"message": "..."}: its text; the whole text, shortened, when it is another.
std::string ParseErrorMessage(std::string_view text);
// The error among the progress lines of a pull; nothing when there is none.
std::optional<std::string> ParsePullError(std::string_view lines);
// The bytes in the frames of a container's log.
std::string ParseLogFrames(std::string_view bytes);

}  // namespace muster::provision
