#include "bench/server_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <vector>

#include "base/status_macros.h"
#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::bench {
namespace {

// Free ports, so that it can run beside anything; nothing else differs from the defaults.
std::vector<std::string> ServerEnvironment() {
  const std::map<std::string, std::string> ours = {{"BIND_ADDRESS", "127.0.0.1"},
                                                   {"GRPC_PORT", "0"},
                                                   {"PROMETHEUS_ADDR", "127.0.0.1"},
                                                   {"PROMETHEUS_PORT", "0"},
                                                   {"LOG_FORMAT", "json"}};
  std::vector<std::string> variables;
  variables.reserve(ours.size());
  for (const auto& [name, value] : ours) variables.push_back(base::StrCat(name, "=", value));
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!ours.contains(text.substr(0, text.find('=')))) variables.push_back(text);
  }
  return variables;
}

absl::StatusOr<pid_t> Spawn(const std::string& program, int out) {
  const std::vector<std::string> variables = ServerEnvironment();
  std::vector<char*> environment;
  environment.reserve(variables.size() + 1);
  for (const std::string& variable : variables) {
    environment.push_back(const_cast<char*>(variable.c_str()));
  }
  environment.push_back(nullptr);
  char* const arguments[] = {const_cast<char*>(program.c_str()), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::UnavailableError(base::StrCat("cannot start ", program));
  return pid;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(const std::string& program) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnavailableError("cannot make a pipe");
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<pid_t> pid = Spawn(program, ends[1]);
  close(ends[1]);
  if (!pid.ok()) {
    close(ends[0]);
    return pid.status();
  }
  std::unique_ptr<ServerProcess> server(new ServerProcess(*pid, ends[0]));
  MUSTER_RETURN_IF_ERROR(server->WaitForReady());
  server->start_to_ready_ = std::chrono::steady_clock::now() - start;
  return server;
}

ServerProcess::~ServerProcess() {
  kill(pid_, SIGKILL);
  // Drain the pipe, so that the program never waits to write.
  char buffer[4096];
  while (read(out_, buffer, sizeof(buffer)) > 0) {
  }
  close(out_);
  waitpid(pid_, nullptr, 0);
}

absl::Status ServerProcess::WaitForReady() {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t size = read(out_, buffer, sizeof(buffer));
    if (size <= 0) return absl::UnavailableError(base::StrCat("the server ended early: ", text));
    text.append(buffer, static_cast<size_t>(size));
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      const auto record = nlohmann::json::parse(text.substr(0, end), nullptr, false);
      text.erase(0, end + 1);
      if (!record.is_object() || record.value("msg", "") != "ready") continue;
      address_ = record.value("grpc", "");
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<int64_t> ServerProcess::MemoryKib(const std::string& name) const {
  std::ifstream status(base::StrCat("/proc/", pid_, "/status"));
  std::string key;
  while (status >> key) {
    int64_t kib = 0;
    if (key == name + ":" && status >> kib) return kib;
    std::getline(status, key);
  }
  return absl::NotFoundError(base::StrCat("no ", name, " of process ", pid_));
}

}  // namespace muster::bench
