#include "tests/support/redis_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace muster::support {
namespace {

constexpr const char* kProgram = "/usr/bin/redis-server";
constexpr int kAttempts = 5;

void Check(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::abort();
}

std::string MakeFolder() {
  std::string path = std::filesystem::temp_directory_path() / "muster_redis_XXXXXX";
  Check(mkdtemp(path.data()) != nullptr, "mkdtemp");
  return path;
}

// One that nobody has at this moment.
int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  Check(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Check(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  close(listener);
  return ntohs(address.sin_port);
}

// Runs the program, its output going to `output`; it gets SIGKILL when this thread ends.
pid_t Spawn(const std::vector<std::string>& command, int output) {
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& part : command) argv.push_back(const_cast<char*>(part.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  Check(pid >= 0, "fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(kProgram, argv.data());
  _exit(127);
}

// Reads until the server says that it takes connections; false when its output ends before.
bool AwaitReady(int output) {
  std::string text;
  char buffer[4096];
  while (text.find("Ready to accept connections") == std::string::npos) {
    const ssize_t size = read(output, buffer, sizeof buffer);
    if (size <= 0) return false;
    text.append(buffer, static_cast<size_t>(size));
  }
  return true;
}

}  // namespace

bool RedisServer::IsInstalled() { return access(kProgram, X_OK) == 0; }

RedisServer::RedisServer(Options options) : options_(std::move(options)), folder_(MakeFolder()) {
  bool started = false;
  for (int attempt = 0; attempt < kAttempts && !started; ++attempt) {
    port_ = FreePort();
    started = TryStart();
  }
  Check(started, "redis-server");
}

RedisServer::~RedisServer() {
  Kill();
  std::filesystem::remove_all(folder_);
}

void RedisServer::Stop() { End(SIGTERM); }

void RedisServer::Kill() { End(SIGKILL); }

void RedisServer::Start() { Check(TryStart(), "redis-server"); }

void RedisServer::Pause() {
  Check(kill(pid_, SIGSTOP) == 0, "SIGSTOP");
  // The signal takes effect some time after kill() returned.
  Check(waitpid(pid_, nullptr, WUNTRACED) == pid_, "waitpid");
}

void RedisServer::Resume() { Check(kill(pid_, SIGCONT) == 0, "SIGCONT"); }

bool RedisServer::TryStart() {
  int pipe_ends[2];
  Check(pipe2(pipe_ends, O_CLOEXEC) == 0, "pipe2");
  pid_ = Spawn(CommandLine(), pipe_ends[1]);
  close(pipe_ends[1]);
  const bool ready = AwaitReady(pipe_ends[0]);
  // What it says later is lost; it does not mind.
  close(pipe_ends[0]);
  if (!ready) Kill();
  return ready;
}

std::vector<std::string> RedisServer::CommandLine() const {
  std::vector<std::string> command = {"redis-server",
                                      "--bind",
                                      "127.0.0.1",
                                      "--port",
                                      std::to_string(port_),
                                      "--dir",
                                      folder_,
                                      "--save",
                                      "",
                                      "--appendonly",
                                      options_.durable ? "yes" : "no",
                                      "--appendfsync",
                                      "always"};
  if (!options_.password.empty()) {
    command.insert(command.end(), {"--requirepass", options_.password});
  }
  command.insert(command.end(), options_.more.begin(), options_.more.end());
  return command;
}

void RedisServer::End(int signal) {
  if (pid_ == 0) return;
  kill(pid_, signal);
  // One that hangs ends, too.
  kill(pid_, SIGCONT);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace muster::support
