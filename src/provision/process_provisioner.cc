#include "provision/process_provisioner.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "base/stop_wait.h"
#include "base/strings.h"
#include "provision/free_ports.h"
#include "provision/server_identity.h"
#include "provision/spawn.h"

namespace muster::provision {
namespace {

// In a server's environment.
constexpr char kDeployment[] = "MUSTER_DEPLOYMENT";
constexpr char kVersion[] = "MUSTER_VERSION";
constexpr char kServerId[] = "SERVER_ID";
constexpr char kGamePort[] = "GAME_PORT";
constexpr char kControlPort[] = "CONTROL_PORT";
// The server's own pid: what it started has its environment, but another pid.
constexpr char kPid[] = "MUSTER_PID";

// A killed process ends within milliseconds, unless the kernel holds it.
constexpr std::chrono::milliseconds kKillTimeout{5'000};
constexpr std::chrono::milliseconds kKillPause{20};

std::vector<std::string> SplitCommand(const std::string& command) {
  return absl::StrSplit(command, ' ', absl::SkipEmpty());
}

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0750) == 0) return absl::OkStatus();
  struct stat status = {};
  // The path is well known: it may be somebody else's trap, as a link or with files in it.
  if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    return absl::PermissionDeniedError(
        base::StrCat("run directory ", path, ": it is none and cannot be made"));
  }
  const bool safe = status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  if (safe && access(path.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(base::StrCat(
      "run directory ", path, ": it must be this user's, and writable for this user alone"));
}

absl::Status Cancelled() { return absl::CancelledError("the call was stopped"); }

// Of a child whose end nobody waits for.
void KillChild(pid_t pid) {
  kill(-pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace

std::map<std::string, std::string> InheritedEnvironment(const base::Environment& environment) {
  std::map<std::string, std::string> inherited = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
  for (const char* const name : {"PATH", "HOME", "LANG", "TZ"}) {
    if (std::optional<std::string> value = environment.Get(name)) inherited[name] = *value;
  }
  return inherited;
}

absl::StatusOr<std::unique_ptr<ProcessProvisioner>> ProcessProvisioner::Create(
    ProcessOptions options) {
  MUSTER_RETURN_IF_ERROR(CheckDeployment(options.deployment));
  if (SplitCommand(options.command).empty()) {
    return absl::InvalidArgumentError("server command: it is empty");
  }
  MUSTER_RETURN_IF_ERROR(ServerProcesses::CheckKernel());
  MUSTER_RETURN_IF_ERROR(MakeDirectory(options.run_directory));
  // The constructor is private.
  std::unique_ptr<ProcessProvisioner> made(new ProcessProvisioner(std::move(options)));
  MUSTER_RETURN_IF_ERROR(made->Adopt().status());
  return made;
}

ProcessProvisioner::ProcessProvisioner(ProcessOptions options)
    : options_(std::move(options)),
      servers_({.max_output_bytes = options_.max_output_bytes,
                .on_end = [this](const std::string& server_id, const std::string& reason) {
                  listeners_.Tell(server_id, reason);
                }}) {}

std::string ProcessProvisioner::version() const {
  std::vector<std::string> parts = {options_.command, base::StrCat(options_.memory_bytes),
                                    base::StrCat(options_.max_processes)};
  for (const auto& [name, value] : options_.environment) {
    parts.push_back(base::StrCat(name, "=", value));
  }
  return VersionOf(parts);
}

absl::StatusOr<lobby::Place> ProcessProvisioner::Start(const lobby::ServerSpec& spec,
                                                       std::stop_token stop) {
  MUSTER_RETURN_IF_ERROR(CheckServerId(spec.server_id));
  if (stop.stop_requested()) return Cancelled();
  base::MutexLock lock(&starting_);
  if (const std::optional<ServerProcess> there = servers_.Find(spec.server_id)) {
    return there->place;
  }
  return Launch(spec);
}

absl::StatusOr<lobby::Place> ProcessProvisioner::Launch(const lobby::ServerSpec& spec) {
  std::set<int> taken;
  for (const ServerProcess& server : servers_.All()) {
    taken.insert({server.place.port, server.control_port});
  }
  MUSTER_ASSIGN_OR_RETURN(const std::vector<int> ports, FindFreePorts(2, taken));
  absl::StatusOr<lobby::Place> place = StartChild(spec, ports[0], ports[1]);
  if (!place.ok()) unlink(OutputPath(spec.server_id).c_str());
  return place;
}

absl::StatusOr<lobby::Place> ProcessProvisioner::StartChild(const lobby::ServerSpec& spec,
                                                            int game_port, int control_port) {
  MUSTER_ASSIGN_OR_RETURN(const pid_t pid, SpawnServer(spec, game_port, control_port));
  absl::StatusOr<lobby::Place> place = WatchChild(pid, spec.server_id, game_port, control_port);
  if (!absl::IsUnavailable(place.status())) return place;
  // A child is there until it is reaped, which the set does of those that it knows.
  KillChild(pid);
  return absl::ResourceExhaustedError(place.status().message());
}

absl::StatusOr<lobby::Place> ProcessProvisioner::WatchChild(pid_t pid, const std::string& server_id,
                                                            int game_port, int control_port) {
  MUSTER_ASSIGN_OR_RETURN(const std::optional<ProcessStat> stat, ReadProcessStat(pid));
  lobby::Place place = {.server_id = server_id,
                        .port = game_port,
                        .control_url = base::StrCat(
                            "http://", base::JoinHostPort(options_.control_host, control_port))};
  const absl::Status added = servers_.Add({.place = place,
                                           .control_port = control_port,
                                           .version = version(),
                                           .pid = pid,
                                           .started = stat.has_value() ? stat->started : 0,
                                           .output_path = OutputPath(server_id)});
  // A list in between may have had the set watch it, and reap it.
  if (absl::IsNotFound(added)) return absl::InternalError("the server ended at once");
  if (!added.ok()) return absl::UnavailableError(added.message());
  return place;
}

absl::StatusOr<pid_t> ProcessProvisioner::SpawnServer(const lobby::ServerSpec& spec, int game_port,
                                                      int control_port) const {
  std::map<std::string, std::string> variables = spec.environment;
  variables.insert(options_.environment.begin(), options_.environment.end());
  variables.insert(options_.inherited.begin(), options_.inherited.end());
  const std::map<std::string, std::string> own = {{kDeployment, options_.deployment},
                                                  {kVersion, version()},
                                                  {kServerId, spec.server_id},
                                                  {kGamePort, base::StrCat(game_port)},
                                                  {kControlPort, base::StrCat(control_port)}};
  variables.erase(kPid);
  SpawnSpec spawn = {.arguments = SplitCommand(options_.command),
                     .pid_variable = kPid,
                     .output_path = OutputPath(spec.server_id),
                     .max_data_bytes = options_.memory_bytes,
                     .max_processes = options_.max_processes};
  // Its marks come first: a reader of its environment looks at the beginning only.
  for (const auto& [name, value] : own) {
    spawn.environment.push_back(base::StrCat(name, "=", value));
    variables.erase(name);
  }
  for (const auto& [name, value] : variables) {
    spawn.environment.push_back(base::StrCat(name, "=", value));
  }
  MUSTER_ASSIGN_OR_RETURN(spawn.program, FindProgram(spawn.arguments[0], variables["PATH"]));
  return Spawn(spawn);
}

absl::Status ProcessProvisioner::Stop(const std::string& server_id, std::stop_token stop) {
  MUSTER_RETURN_IF_ERROR(CheckServerId(server_id));
  // It may be a server that a lobby before this one started late.
  if (!servers_.Find(server_id).has_value()) MUSTER_RETURN_IF_ERROR(Adopt().status());
  if (!stop.stop_requested()) servers_.Signal(server_id, SIGTERM);
  const bool ended = servers_.WaitForEnd(server_id, options_.stop_timeout, stop);
  const bool cancelled = !ended && stop.stop_requested();
  if (!ended) servers_.Signal(server_id, SIGKILL);
  // From here on it takes milliseconds, so a request to stop changes nothing.
  MUSTER_RETURN_IF_ERROR(KillRest(server_id));
  if (!servers_.WaitForEnd(server_id, kKillTimeout, {})) {
    return absl::DeadlineExceededError("the server does not end");
  }
  unlink(OutputPath(server_id).c_str());
  return cancelled ? Cancelled() : absl::OkStatus();
}

absl::Status ProcessProvisioner::KillRest(const std::string& server_id) const {
  for (auto waited = kKillPause; waited < kKillTimeout; waited += kKillPause) {
    MUSTER_ASSIGN_OR_RETURN(const std::vector<MarkedProcess> rest, FindProcesses(server_id));
    if (rest.empty()) return absl::OkStatus();
    for (const MarkedProcess& process : rest) kill(process.pid, SIGKILL);
    if (!base::WaitUnlessStopped(kKillPause, {})) break;
  }
  return absl::DeadlineExceededError("what the server started does not end");
}

absl::StatusOr<std::vector<lobby::FoundServer>> ProcessProvisioner::List(std::stop_token stop) {
  if (stop.stop_requested()) return Cancelled();
  return Adopt();
}

absl::StatusOr<std::vector<lobby::FoundServer>> ProcessProvisioner::Adopt() {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<MarkedProcess> processes, FindProcesses(""));
  std::map<std::string, lobby::FoundServer> found;
  for (const MarkedProcess& process : processes) {
    const std::string server_id = process.environment.at(kServerId);
    found[server_id].server_id = server_id;
    const std::optional<ServerProcess> server = ServerOf(process);
    const absl::Status added = server.has_value() ? servers_.Add(*server) : absl::OkStatus();
    if (absl::IsUnavailable(added)) return added;
  }
  for (const ServerProcess& server : servers_.All()) {
    found[server.place.server_id] = {.server_id = server.place.server_id,
                                     .running = true,
                                     .place = server.place,
                                     .version = server.version};
  }
  std::vector<lobby::FoundServer> list;
  list.reserve(found.size());
  for (auto& [id, entry] : found) list.push_back(std::move(entry));
  return list;
}

absl::StatusOr<std::vector<MarkedProcess>> ProcessProvisioner::FindProcesses(
    const std::string& server_id) const {
  std::map<std::string, std::string> marks = {{kDeployment, options_.deployment}};
  if (!server_id.empty()) marks.emplace(kServerId, server_id);
  MUSTER_ASSIGN_OR_RETURN(
      std::vector<MarkedProcess> processes,
      FindMarkedProcesses(marks, {kServerId, kGamePort, kControlPort, kVersion, kPid}));
  std::erase_if(processes, [](const MarkedProcess& process) {
    const auto id = process.environment.find(kServerId);
    return id == process.environment.end() || !CheckServerId(id->second).ok();
  });
  // A server comes before what it started.
  std::sort(processes.begin(), processes.end(), [](const auto& a, const auto& b) {
    return std::pair(a.stat.started, a.pid) < std::pair(b.stat.started, b.pid);
  });
  return processes;
}

std::optional<ServerProcess> ProcessProvisioner::ServerOf(const MarkedProcess& process) const {
  const auto value = [&process](const char* name) -> std::string {
    const auto found = process.environment.find(name);
    return found == process.environment.end() ? "" : found->second;
  };
  lobby::Place place = {.server_id = value(kServerId)};
  int control_port = 0;
  // A child that made a group of its own leads one, too.
  pid_t own_pid = 0;
  const bool leads = process.stat.group == process.pid && absl::SimpleAtoi(value(kPid), &own_pid) &&
                     own_pid == process.pid;
  if (!leads || !absl::SimpleAtoi(value(kGamePort), &place.port) ||
      !absl::SimpleAtoi(value(kControlPort), &control_port)) {
    return std::nullopt;
  }
  place.control_url =
      base::StrCat("http://", base::JoinHostPort(options_.control_host, control_port));
  return ServerProcess{.place = place,
                       .control_port = control_port,
                       .version = value(kVersion),
                       .pid = process.pid,
                       .started = process.stat.started,
                       .output_path = OutputPath(place.server_id)};
}

std::string ProcessProvisioner::OutputPath(const std::string& server_id) const {
  return base::StrCat(options_.run_directory, "/", ServerName(options_.deployment, server_id),
                      ".log");
}

std::unique_ptr<lobby::Provisioner::Watch> ProcessProvisioner::WatchExits(OnExit on_exit,
                                                                          OnGap /*on_gap*/) {
  return listeners_.Add(std::move(on_exit));
}

}  // namespace muster::provision
