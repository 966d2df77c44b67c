#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "bench/http_wire.h"
#include "bench/player.h"
#include "bench/statistics.h"
#include "nlohmann/json.hpp"

// How long a player waits for a game server that a running lobby starts in a container, beside
// `docker run -d` of the same image until its port answers with bytes; or so many of both at once.
// Each takes its turn first, and what it started is gone before the next begins.
namespace muster::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::chrono::seconds kPatience(60);
constexpr std::chrono::milliseconds kPause(2);
// As the lobby starts them.
constexpr std::string_view kRun =
    "exec docker run --detach --init --cap-drop ALL --security-opt no-new-privileges";

struct Flags {
  std::string lobby;
  std::string admin_token;
  std::string image;
  int at_once = 1;
  int pairs = 15;
  std::string title;
  double goal = 0;
  bool heading_only = false;
};

// What a shell command prints.
absl::StatusOr<std::string> Output(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) return absl::UnavailableError("cannot start a shell");
  std::string text;
  std::array<char, 4096> bytes{};
  while (fgets(bytes.data(), static_cast<int>(bytes.size()), pipe) != nullptr) {
    text += bytes.data();
  }
  if (pclose(pipe) == 0) return text;
  return absl::InternalError(base::StrCat("failed: ", command));
}

// Ports that nobody has.
absl::StatusOr<std::vector<int>> FreePorts(int count) {
  std::vector<int> sockets;
  const absl::Cleanup closed = [&sockets] {
    for (const int fd : sockets) close(fd);
  };
  std::vector<int> ports;
  for (int i = 0; i < count; ++i) {
    sockets.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (bind(sockets.back(), any, size) != 0 || getsockname(sockets.back(), any, &size) != 0) {
      return absl::UnavailableError("no port is free");
    }
    ports.push_back(ntohs(address.sin_port));
  }
  return ports;
}

// A connection alone says nothing: the engine's proxy takes it before the server listens.
bool Answers(int port) {
  const absl::StatusOr<int> fd = Connect(base::StrCat("127.0.0.1:", port));
  if (!fd.ok()) return false;
  const absl::Cleanup closed = [&fd] { close(*fd); };
  char byte = 0;
  return SendAll(*fd, RequestText("GET", "/")).ok() && recv(*fd, &byte, 1, 0) == 1;
}

absl::Status AwaitAnswer(int port) {
  const Clock::time_point deadline = Clock::now() + kPatience;
  while (Clock::now() < deadline) {
    if (Answers(port)) return absl::OkStatus();
    std::this_thread::sleep_for(kPause);
  }
  return absl::DeadlineExceededError(base::StrCat("port ", port, " does not answer"));
}

// How long the calls take, all at once, until the last has ended.
absl::StatusOr<double> TimeAll(int count, const std::function<absl::Status(size_t)>& call) {
  std::vector<absl::Status> statuses(static_cast<size_t>(count));
  const Clock::time_point start = Clock::now();
  {
    std::vector<std::jthread> threads;
    threads.reserve(statuses.size());
    for (size_t i = 0; i < statuses.size(); ++i) {
      threads.emplace_back([&, i] { statuses[i] = call(i); });
    }
  }
  const Milliseconds took = Clock::now() - start;
  for (const absl::Status& status : statuses) MUSTER_RETURN_IF_ERROR(status);
  return took.count();
}

// By the engine's own program.
absl::StatusOr<double> TimeEngine(const Flags& flags) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<int> ports, FreePorts(flags.at_once));
  std::vector<std::string> containers(ports.size());
  const auto start = [&](size_t i) -> absl::Status {
    const std::string command =
        base::StrCat(kRun, " --publish 0.0.0.0:", ports[i], ":7777/tcp ", flags.image);
    MUSTER_ASSIGN_OR_RETURN(containers[i], Output(command));
    containers[i].pop_back();
    return AwaitAnswer(ports[i]);
  };
  absl::StatusOr<double> took = TimeAll(flags.at_once, start);
  // Also those of a run that failed.
  std::string removal = "exec docker rm --force";
  for (const std::string& container : containers) removal += base::StrCat(" ", container);
  MUSTER_RETURN_IF_ERROR(Output(removal + " >/dev/null").status());
  return took;
}

// Ends all game servers of the lobby, and waits until they are gone.
absl::Status EndServers(const Flags& flags) {
  const std::string admin = base::StrCat("Bearer ", flags.admin_token);
  const Clock::time_point deadline = Clock::now() + kPatience;
  bool asked = false;
  while (Clock::now() < deadline) {
    MUSTER_ASSIGN_OR_RETURN(const std::string text,
                            Fetch(flags.lobby, RequestText("GET", "/v1/servers", admin)));
    const auto servers = nlohmann::json::parse(text, nullptr, false);
    if (servers.empty()) return absl::OkStatus();
    for (const auto& server : servers) {
      if (asked) break;
      const std::string path =
          base::StrCat("/v1/servers/", server.value("id", std::string()), "?now=true");
      MUSTER_RETURN_IF_ERROR(Fetch(flags.lobby, RequestText("DELETE", path, admin)).status());
    }
    asked = true;
    std::this_thread::sleep_for(10 * kPause);
  }
  return absl::DeadlineExceededError("game servers do not end");
}

// By the lobby. `name` begins the names of the players.
absl::StatusOr<double> TimeLobby(const Flags& flags, const std::string& name) {
  std::vector<Player> players;
  players.reserve(static_cast<size_t>(flags.at_once));
  for (int i = 0; i < flags.at_once; ++i) {
    MUSTER_ASSIGN_OR_RETURN(Player player, Player::Join(flags.lobby, base::StrCat(name, "-", i)));
    players.push_back(std::move(player));
  }
  MUSTER_ASSIGN_OR_RETURN(const double took, TimeAll(flags.at_once, [&](size_t i) {
                            return players[i].AskAndWait(flags.lobby);
                          }));
  MUSTER_RETURN_IF_ERROR(EndServers(flags));
  return took;
}

void PrintHeading() {
  std::cout << absl::StrFormat("%-24s %8s %8s %6s %-16s %5s\n", "container to ready", "run, ms",
                               "ours, ms", "ratio", "(spread)", "goal");
}

absl::Status Run(const Flags& flags) {
  if (flags.heading_only) {
    PrintHeading();
    return absl::OkStatus();
  }
  std::vector<double> engine_ms;
  std::vector<double> lobby_ms;
  std::vector<double> ratios;
  // The first pair brings both up to speed.
  for (int pair = 0; pair <= flags.pairs; ++pair) {
    const std::string name = absl::StrFormat("at-once-%d-pair-%d", flags.at_once, pair);
    double engine = 0;
    double lobby = 0;
    const bool engine_first = pair % 2 == 0;
    for (const bool is_engine : {engine_first, !engine_first}) {
      MUSTER_ASSIGN_OR_RETURN((is_engine ? engine : lobby),
                              is_engine ? TimeEngine(flags) : TimeLobby(flags, name));
    }
    if (pair == 0) continue;
    engine_ms.push_back(engine);
    lobby_ms.push_back(lobby);
    ratios.push_back(lobby / engine);
  }
  const Spread spread = SpreadOf(ratios);
  std::cout << absl::StrFormat("%-24s %8.0f %8.0f %6.3f (%.3f to %.3f) %5.2f\n", flags.title,
                               Median(engine_ms), Median(lobby_ms), Median(ratios), spread.low,
                               spread.high, flags.goal)
            << std::flush;
  return absl::OkStatus();
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Compares a lobby's start of containers with docker run");
  app.option_defaults()->always_capture_default();
  app.add_option("--lobby", flags.lobby, "Its IPv4 address and port");
  app.add_option("--admin-token", flags.admin_token, "Its ADMIN_TOKEN");
  app.add_option("--image", flags.image, "Of the game server, as the lobby has it");
  app.add_option("--at-once", flags.at_once, "Servers")->check(CLI::PositiveNumber);
  app.add_option("--pairs", flags.pairs, "Interleaved pairs of runs")->check(CLI::PositiveNumber);
  app.add_option("--title", flags.title, "First column");
  app.add_option("--goal", flags.goal, "Printed beside the ratio");
  app.add_flag("--heading", flags.heading_only, "Print what stands above the rows, and end");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = muster::bench::Run(flags);
  if (status.ok()) return 0;
  std::cerr << "bench_container_start: " << status.ToString() << "\n";
  return 1;
}
