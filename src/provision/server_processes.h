#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "lobby/request.h"
#include "provision/unique_fd.h"

namespace muster::provision {

// A process of this machine that is a game server, and leads its process group.
struct ServerProcess {
  lobby::Place place;
  int control_port = 0;
  std::string version;
  pid_t pid = 0;
  // See ProcessStat.
  uint64_t started = 0;
  // Where its output goes.
  std::string output_path;
};

// The servers whose end is waited for, each by a descriptor that stands for the process and not for
// a number that may come again. One thread waits for all, children of this process or not. Children
// are reaped, and what a child leaves in its group is killed with it; of any other server the
// group's number may be somebody else's by then, so what it leaves goes on. Thread-safe.
class ServerProcesses {
 public:
  // On the set's thread, when the server is forgotten.
  using OnEnd = std::function<void(const std::string& server_id, const std::string& reason)>;

  struct Options {
    // Output files over this are emptied, about once a second.
    int64_t max_output_bytes = 0;
    OnEnd on_end;
  };

  // FAILED_PRECONDITION when the kernel cannot watch processes (before 5.3).
  static absl::Status CheckKernel();

  explicit ServerProcesses(Options options);
  // Forgets the servers; they go on.
  ~ServerProcesses();
  ServerProcesses(const ServerProcesses&) = delete;
  ServerProcesses& operator=(const ServerProcesses&) = delete;

  // Watches it from now on, unless it does already. NOT_FOUND when the process has ended,
  // ALREADY_EXISTS when another one with its id is watched; UNAVAILABLE when it cannot be watched,
  // as without a file descriptor, which says nothing of the process.
  absl::Status Add(const ServerProcess& server);
  std::optional<ServerProcess> Find(const std::string& server_id) const;
  std::vector<ServerProcess> All() const;

  // Sends a signal to the server's process group, if it still runs.
  void Signal(const std::string& server_id, int signal);
  // False when it still runs after `limit`, or when stopped.
  bool WaitForEnd(const std::string& server_id, std::chrono::milliseconds limit,
                  const std::stop_token& stop) const;

 private:
  struct Entry {
    ServerProcess server;
    UniqueFd process;
  };

  // Nothing when none of its id is watched.
  std::optional<absl::Status> AddedBefore(const ServerProcess& server) const;
  void Run(const std::stop_token& stop);
  // Blocks until some have ended, for a second at most; their ids.
  std::vector<std::string> WaitForSome();
  void End(const std::string& server_id);
  void BoundOutputs();

  const Options options_;
  // Readable when the thread shall look again.
  const UniqueFd wake_;

  mutable base::Mutex mu_;
  mutable base::CondVar ended_;
  // Only the thread erases, so that no descriptor is closed while it waits for it.
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mu_);

  std::jthread thread_;
};

}  // namespace muster::provision
