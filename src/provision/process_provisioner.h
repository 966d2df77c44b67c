#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/environment.h"
#include "lobby/provisioner.h"
#include "provision/exit_listeners.h"
#include "provision/process_table.h"
#include "provision/server_processes.h"

namespace muster::provision {

struct ProcessOptions {
  // Program and arguments with blanks between; no shell reads it, so there are no quotes.
  std::string command = "muster-gameserver";
  // Which servers are this lobby's; see CheckDeployment.
  std::string deployment = "default";
  // Holds the output of each server; made when it is missing. One that is there must be this
  // user's, and no one else's to write to: others could lead the output elsewhere.
  std::string run_directory = "/tmp/muster-servers";
  // Variables every server has, from this process; see InheritedEnvironment. No part of the
  // version, because they differ by where the lobby is started from.
  std::map<std::string, std::string> inherited;
  // Variables every server has, as configured; a part of the version.
  std::map<std::string, std::string> environment;
  // Where a server's Reservation API is reached.
  std::string control_host = "127.0.0.1";
  // See SpawnSpec; 0: no limit.
  int64_t memory_bytes = 0;
  int64_t max_processes = 0;
  // A server's output over this is cut: enough to see what it did last.
  int64_t max_output_bytes = int64_t{8} << 20;
  // From SIGTERM to SIGKILL.
  std::chrono::milliseconds stop_timeout{10'000};
};

// What servers get of this process' own variables: PATH, HOME, LANG and TZ, no secrets.
std::map<std::string, std::string> InheritedEnvironment(const base::Environment& environment);

// Servers are processes of this machine and user, each in a session of its own. They go on when the
// lobby ends, even by force, and are found again by their environment. A server whose ports were
// taken by somebody else in the meantime ends, as any other that fails. Servers may listen on any
// address of the machine: to bound that is the firewall's task.
class ProcessProvisioner final : public lobby::Provisioner {
 public:
  // Adopts what an earlier run left. INVALID_ARGUMENT when an option is wrong, FAILED_PRECONDITION
  // when the kernel is too old, PERMISSION_DENIED when the run directory cannot be made or is not
  // safe, UNAVAILABLE when /proc cannot be read.
  static absl::StatusOr<std::unique_ptr<ProcessProvisioner>> Create(ProcessOptions options);

  std::string_view name() const override { return "process"; }
  std::string version() const override;
  absl::StatusOr<lobby::Place> Start(const lobby::ServerSpec& spec, std::stop_token stop) override;
  // When `stop` is requested, before or while the server is given its time, the server is ended by
  // force at once, with all that is left of it; CANCELLED is told then, because it may have had no
  // time to end by itself.
  absl::Status Stop(const std::string& server_id, std::stop_token stop) override;
  // A server is not running when it has ended and left processes behind; one that is watched runs,
  // whatever /proc shows. UNAVAILABLE when one process cannot be looked at, as without a file
  // descriptor: a server that is only not seen must not look as if it had ended.
  absl::StatusOr<std::vector<lobby::FoundServer>> List(std::stop_token stop) override;
  // Sees every exit from then on: there are no gaps. Those between Create and it are told to
  // nobody; List shows them.
  std::unique_ptr<Watch> WatchExits(OnExit on_exit, OnGap on_gap) override;

 private:
  explicit ProcessProvisioner(ProcessOptions options);

  std::string OutputPath(const std::string& server_id) const;
  // All processes with the deployment's mark; with `server_id`, only that server's.
  absl::StatusOr<std::vector<MarkedProcess>> FindProcesses(const std::string& server_id) const;
  // The server that the process is; nothing when it is what a server started, or its environment is
  // not whole.
  std::optional<ServerProcess> ServerOf(const MarkedProcess& process) const;
  // Watches all that run, and returns them with what else has their marks.
  absl::StatusOr<std::vector<lobby::FoundServer>> Adopt();
  absl::StatusOr<lobby::Place> Launch(const lobby::ServerSpec& spec);
  absl::StatusOr<lobby::Place> StartChild(const lobby::ServerSpec& spec, int game_port,
                                          int control_port);
  // Watches the child as a server; UNAVAILABLE when that cannot be, and it goes on.
  absl::StatusOr<lobby::Place> WatchChild(pid_t pid, const std::string& server_id, int game_port,
                                          int control_port);
  absl::StatusOr<pid_t> SpawnServer(const lobby::ServerSpec& spec, int game_port,
                                    int control_port) const;
  absl::Status KillRest(const std::string& server_id) const;

  const ProcessOptions options_;
  ExitListeners listeners_;
  // One start at a time, so that no two servers are given the same port or the same id.
  base::Mutex starting_;
  // Its thread calls the listeners.
  ServerProcesses servers_;
};

}  // namespace muster::provision
