#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace muster::support {

// A real redis-server on a port of 127.0.0.1, for tests. It ends with the thread that started it.
// Each call returns when what it says is done; one that cannot be done ends the program. Not
// thread-safe.
class RedisServer {
 public:
  struct Options {
    // Empty: none is needed.
    std::string password;
    // Everything that was written is there after a Kill and a Start; else nothing is.
    bool durable = false;
    // More of its command line, such as {"--maxmemory", "2mb"}.
    std::vector<std::string> more;
  };

  // Whether this machine has it.
  static bool IsInstalled();

  // Starts it on any free port.
  RedisServer() : RedisServer(Options{}) {}
  explicit RedisServer(Options options);
  // Kills it and removes its files.
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }

  // Ends it as an operator does, and by force.
  void Stop();
  void Kill();
  // Starts it again, on the same port.
  void Start();
  // It hangs: connections are taken, and nothing is answered.
  void Pause();
  void Resume();

 private:
  // Whether it came up; a port may have been taken meanwhile.
  bool TryStart();
  std::vector<std::string> CommandLine() const;
  void End(int signal);

  const Options options_;
  const std::string folder_;
  int port_ = 0;
  // 0: not running.
  pid_t pid_ = 0;
};

}  // namespace muster::support
