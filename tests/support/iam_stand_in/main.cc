#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "base/strings.h"
#include "tests/support/iam_stand_in/iam_control.h"
#include "tests/support/iam_stand_in/iam_stand_in.h"

namespace {

// Blocked before the first thread, so that none of them takes it.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

// iam_stand_in [--port N]: prints one JSON line and serves until SIGTERM. iam_control.h lists what
// tests may ask of it.
int main(int argc, char** argv) {
  using muster::support::IamStandIn;
  int port = 0;
  const bool has_port = argc == 3 && std::string_view(argv[1]) == "--port" &&
                        absl::SimpleAtoi(argv[2], &port) && port >= 0 && port <= 65535;
  if (argc != 1 && !has_port) {
    std::cerr << "usage: iam_stand_in [--port N]\n";
    return 2;
  }
  const sigset_t signals = BlockStopSignals();
  IamStandIn iam({.port = port, .other_paths = [&iam](const muster::support::HttpCall& call) {
                    return AnswerControl(iam, call);
                  }});
  std::cout << R"({"msg":"ready","url":")" << iam.url() << R"(","pid":)" << getpid() << "}"
            << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
