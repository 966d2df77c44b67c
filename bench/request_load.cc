#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "bench/http_wire.h"
#include "bench/player.h"
#include "bench/statistics.h"

// How long players of a running lobby wait from their POST /request to the push that their slot is
// ready. Every player has a WebSocket of its own and asks once. They ask at a steady rate, whether
// earlier ones were answered or not, and time runs from when a player was to ask, so that nothing
// hides behind a slow answer.
namespace muster::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

// After the last player has asked.
constexpr std::chrono::seconds kPatience(5);

struct Flags {
  std::string lobby;
  double rate = 1000;
  double seconds = 10;
  double warm_up_seconds = 1;
  int runs = 3;
  int connections = 64;
  std::string title;
  double goal_ms = 10;
  bool heading_only = false;
};

struct Outcome {
  // Ready pushes a second.
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
  // How late the 99th of a hundred asked: of this program, not of the lobby.
  double late_p99_ms = 0;
  size_t failed = 0;
};

class Run {
 public:
  explicit Run(double rate) : rate_(rate), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~Run() {
    for (const Caller& caller : callers_) close(caller.fd);
    close(epoll_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // `name` begins the names of the players.
  absl::Status Open(const Flags& flags, const std::string& name, size_t players) {
    players_.reserve(players);
    for (size_t i = 0; i < players; ++i) {
      MUSTER_ASSIGN_OR_RETURN(Player player, Player::Join(flags.lobby, base::StrCat(name, "-", i)));
      Watch(player.fd(), i);
      players_.push_back(std::move(player));
    }
    for (size_t i = 0; i < static_cast<size_t>(flags.connections); ++i) {
      MUSTER_ASSIGN_OR_RETURN(const int fd, Connect(flags.lobby));
      callers_.push_back({.fd = fd});
      idle_.push_back(i);
      Watch(fd, players + i);
    }
    return absl::OkStatus();
  }

  // Lets all of them ask, and waits for all.
  absl::StatusOr<Outcome> Measure() {
    start_ = Clock::now();
    const Clock::time_point deadline = DueAt(players_.size()) + kPatience;
    while (took_ms_.size() + failed_ < players_.size() && Clock::now() < deadline) {
      MUSTER_RETURN_IF_ERROR(AskDue());
      MUSTER_RETURN_IF_ERROR(HandleEvents(NextWake(deadline)));
    }
    return OutcomeOf(Clock::now() - start_);
  }

 private:
  // A connection for calls, one at a time.
  struct Caller {
    int fd = -1;
    std::string received;
  };

  void Watch(int fd, size_t index) const {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  Clock::time_point DueAt(size_t player) const {
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        Seconds(static_cast<double>(player) / rate_));
  }

  Clock::time_point NextWake(Clock::time_point deadline) const {
    const bool can_ask = asked_ < players_.size() && !idle_.empty();
    return can_ask ? DueAt(asked_) : deadline;
  }

  absl::Status AskDue() {
    while (asked_ < players_.size() && !idle_.empty() && DueAt(asked_) <= Clock::now()) {
      late_ms_.push_back(Milliseconds(Clock::now() - DueAt(asked_)).count());
      MUSTER_RETURN_IF_ERROR(SendAll(callers_[idle_.back()].fd, players_[asked_].AskText()));
      idle_.pop_back();
      ++asked_;
    }
    return absl::OkStatus();
  }

  absl::Status HandleEvents(Clock::time_point until) {
    const auto wait = std::max(until - Clock::now(), Clock::duration::zero());
    const auto whole = std::chrono::floor<std::chrono::seconds>(wait);
    const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (wait - whole).count()};
    std::array<epoll_event, 64> events{};
    const int ready =
        epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < ready; ++i) {
      const size_t index = events[static_cast<size_t>(i)].data.u64;
      MUSTER_RETURN_IF_ERROR(index < players_.size() ? OnPush(index)
                                                     : OnAnswer(index - players_.size()));
    }
    return absl::OkStatus();
  }

  absl::Status OnPush(size_t index) {
    const absl::StatusOr<bool> ready = players_[index].IsReady(/*wait=*/false);
    if (absl::IsUnavailable(ready.status())) return ready.status();
    if (!ready.ok()) Fail(ready.status().ToString());
    if (ready.ok() && *ready) {
      took_ms_.push_back(Milliseconds(Clock::now() - DueAt(index)).count());
    }
    return absl::OkStatus();
  }

  absl::Status OnAnswer(size_t index) {
    Caller& caller = callers_[index];
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(caller.fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size <= 0) return absl::UnavailableError("the lobby closed a connection");
    caller.received.append(bytes.data(), static_cast<size_t>(size));
    const std::optional<size_t> whole = AnswerSize(caller.received);
    if (!whole || caller.received.size() < *whole) return absl::OkStatus();
    if (!caller.received.starts_with("HTTP/1.1 20")) Fail(caller.received);
    caller.received.clear();
    idle_.push_back(index);
    return absl::OkStatus();
  }

  void Fail(const std::string& what) {
    if (failed_++ == 0) std::cerr << "bench_request_load: " << what << "\n";
  }

  absl::StatusOr<Outcome> OutcomeOf(Seconds took) {
    if (took_ms_.empty()) return absl::UnavailableError("no player was told of a slot");
    std::sort(took_ms_.begin(), took_ms_.end());
    std::sort(late_ms_.begin(), late_ms_.end());
    return Outcome{.per_second = static_cast<double>(took_ms_.size()) / took.count(),
                   .p50_ms = took_ms_[took_ms_.size() / 2],
                   .p99_ms = took_ms_[took_ms_.size() * 99 / 100],
                   .max_ms = took_ms_.back(),
                   .late_p99_ms = late_ms_[late_ms_.size() * 99 / 100],
                   .failed = players_.size() - took_ms_.size()};
  }

  const double rate_;
  const int epoll_;
  std::vector<Player> players_;
  std::vector<Caller> callers_;
  // Of callers_, those without a call under way.
  std::vector<size_t> idle_;
  Clock::time_point start_;
  // So many of players_, in their order.
  size_t asked_ = 0;
  size_t failed_ = 0;
  std::vector<double> took_ms_;
  std::vector<double> late_ms_;
};

// The first player's server may have to be started.
absl::Status AwaitServer(const std::string& lobby) {
  MUSTER_ASSIGN_OR_RETURN(Player player, Player::Join(lobby, "first"));
  return player.AskAndWait(lobby);
}

absl::StatusOr<Outcome> MeasureOnce(const Flags& flags, const std::string& name, double seconds) {
  Run run(flags.rate);
  MUSTER_RETURN_IF_ERROR(run.Open(flags, name, static_cast<size_t>(flags.rate * seconds)));
  return run.Measure();
}

std::vector<double> Figures(const std::vector<Outcome>& outcomes, double Outcome::*figure) {
  std::vector<double> figures;
  figures.reserve(outcomes.size());
  for (const Outcome& outcome : outcomes) figures.push_back(outcome.*figure);
  return figures;
}

void PrintHeading() {
  std::cout << absl::StrFormat("%-24s %7s %7s %7s %-18s %7s %5s %7s %6s\n", "request to ready push",
                               "a sec.", "p50 ms", "p99 ms", "(spread)", "max ms", "goal",
                               "late ms", "failed");
}

void Print(const Flags& flags, const std::vector<Outcome>& outcomes) {
  const std::vector<double> p99 = Figures(outcomes, &Outcome::p99_ms);
  const Spread spread = SpreadOf(p99);
  size_t failed = 0;
  for (const Outcome& outcome : outcomes) failed += outcome.failed;
  std::cout << absl::StrFormat("%-24s %7.0f %7.2f %7.2f %-18s %7.2f %5.1f %7.2f %6d\n", flags.title,
                               Median(Figures(outcomes, &Outcome::per_second)),
                               Median(Figures(outcomes, &Outcome::p50_ms)), Median(p99),
                               absl::StrFormat("(%.2f to %.2f)", spread.low, spread.high),
                               SpreadOf(Figures(outcomes, &Outcome::max_ms)).high, flags.goal_ms,
                               Median(Figures(outcomes, &Outcome::late_p99_ms)), failed)
            << std::flush;
}

absl::Status Main(const Flags& flags) {
  if (flags.heading_only) {
    PrintHeading();
    return absl::OkStatus();
  }
  MUSTER_RETURN_IF_ERROR(AwaitServer(flags.lobby));
  MUSTER_RETURN_IF_ERROR(MeasureOnce(flags, "warm", flags.warm_up_seconds).status());
  std::vector<Outcome> outcomes;
  for (int i = 0; i < flags.runs; ++i) {
    MUSTER_ASSIGN_OR_RETURN(const Outcome outcome,
                            MeasureOnce(flags, base::StrCat("player-", i), flags.seconds));
    outcomes.push_back(outcome);
  }
  Print(flags, outcomes);
  return absl::OkStatus();
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Measures the way from a request to the push that it is ready");
  app.option_defaults()->always_capture_default();
  app.add_option("--lobby", flags.lobby, "Its IPv4 address and port");
  app.add_option("--rate", flags.rate, "Requests a second")->check(CLI::PositiveNumber);
  app.add_option("--seconds", flags.seconds, "A run takes")->check(CLI::PositiveNumber);
  app.add_option("--warm-up-seconds", flags.warm_up_seconds, "The first run, not counted")
      ->check(CLI::PositiveNumber);
  app.add_option("--runs", flags.runs, "Of which medians are told")->check(CLI::PositiveNumber);
  app.add_option("--connections", flags.connections, "For the requests")
      ->check(CLI::PositiveNumber);
  app.add_option("--title", flags.title, "First column");
  app.add_option("--goal", flags.goal_ms, "Printed beside p99");
  app.add_flag("--heading", flags.heading_only, "Print what stands above the rows, and end");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = muster::bench::Main(flags);
  if (status.ok()) return 0;
  std::cerr << "bench_request_load: " << status.ToString() << "\n";
  return 1;
}
