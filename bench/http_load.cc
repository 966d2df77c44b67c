#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
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
#include "bench/process_cpu.h"
#include "bench/statistics.h"

// Sends GET requests over connections that stay open, to two running servers in turn, the reference
// and ours, and prints both and their ratio. The order within a pair changes from pair to pair, and
// the ratio is taken within a pair, so that a machine that drifts moves both.
namespace muster::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Flags {
  std::string reference;
  std::string ours;
  // Their processes, to tell what a request costs them; 0: not told.
  int reference_pid = 0;
  int ours_pid = 0;
  std::string path = "/healthz";
  int connections = 32;
  double seconds = 0.5;
  int pairs = 15;
  std::string title;
  double goal = 0;
  bool heading_only = false;
};

// Connections to one server, each with one request under way.
class Load {
 public:
  explicit Load(const Flags& flags)
      : request_(RequestText("GET", flags.path)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~Load() {
    for (const Connection& connection : connections_) close(connection.fd);
    close(epoll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  absl::Status Open(const std::string& target, int connections) {
    connections_.reserve(static_cast<size_t>(connections));
    for (int i = 0; i < connections; ++i) {
      MUSTER_ASSIGN_OR_RETURN(const int fd, Connect(target));
      connections_.push_back({fd});
      epoll_event event{.events = EPOLLIN, .data = {.u64 = static_cast<uint64_t>(i)}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
    return absl::OkStatus();
  }

  // Requests that were answered within `duration`.
  absl::StatusOr<int64_t> Run(Seconds duration) {
    for (const Connection& connection : connections_) MUSTER_RETURN_IF_ERROR(Ask(connection));
    const Clock::time_point end =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(duration);
    int64_t answers = 0;
    while (Clock::now() < end) {
      std::array<epoll_event, 64> events{};
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < ready; ++i) {
        MUSTER_ASSIGN_OR_RETURN(const bool whole,
                                Read(connections_[events[static_cast<size_t>(i)].data.u64]));
        if (whole) ++answers;
      }
    }
    return answers;
  }

 private:
  struct Connection {
    int fd = -1;
    size_t received = 0;
  };

  absl::Status Ask(const Connection& connection) { return SendAll(connection.fd, request_); }

  // Whether an answer was whole; then the next is asked for. All answers are of one size.
  absl::StatusOr<bool> Read(Connection& connection) {
    std::array<char, 16384> bytes{};
    const ssize_t size = recv(connection.fd, bytes.data(), bytes.size(), 0);
    if (size <= 0) return absl::UnavailableError("the server closed a connection");
    connection.received += static_cast<size_t>(size);
    if (answer_size_ == 0) {
      first_.append(bytes.data(), static_cast<size_t>(size));
      const std::optional<size_t> answer_size = AnswerSize(first_);
      if (!answer_size || !first_.starts_with("HTTP/1.1 200 "))
        return absl::InternalError("the first answer is no 200 with a length");
      answer_size_ = *answer_size;
    }
    if (connection.received < answer_size_) return false;
    connection.received -= answer_size_;
    MUSTER_RETURN_IF_ERROR(Ask(connection));
    return true;
  }

  const std::string request_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::string first_;
  size_t answer_size_ = 0;
};

// What one side did in one run.
struct Rate {
  double per_second = 0;
  // The server's processor time for a request.
  double cpu_us = 0;
};

absl::StatusOr<Seconds> CpuOf(int pid) { return pid == 0 ? Seconds(0) : CpuTime(pid); }

absl::StatusOr<Rate> Measure(const Flags& flags, bool reference) {
  const int pid = reference ? flags.reference_pid : flags.ours_pid;
  Load load(flags);
  MUSTER_RETURN_IF_ERROR(load.Open(reference ? flags.reference : flags.ours, flags.connections));
  MUSTER_ASSIGN_OR_RETURN(const Seconds cpu_before, CpuOf(pid));
  const Clock::time_point start = Clock::now();
  MUSTER_ASSIGN_OR_RETURN(const int64_t answers, load.Run(Seconds(flags.seconds)));
  const Seconds took = Clock::now() - start;
  MUSTER_ASSIGN_OR_RETURN(const Seconds cpu_after, CpuOf(pid));
  if (answers == 0) return absl::UnavailableError("no request was answered");
  const std::chrono::duration<double, std::micro> cpu = cpu_after - cpu_before;
  const auto count = static_cast<double>(answers);
  return Rate{count / took.count(), cpu.count() / count};
}

// All runs.
struct Outcome {
  std::vector<Rate> reference;
  std::vector<Rate> ours;
};

std::vector<double> Figures(const std::vector<Rate>& rates, double Rate::*figure) {
  std::vector<double> figures;
  figures.reserve(rates.size());
  for (const Rate& rate : rates) figures.push_back(rate.*figure);
  return figures;
}

// Ours divided by the reference, within each pair.
std::vector<double> Ratios(const Outcome& outcome, double Rate::*figure) {
  std::vector<double> ratios;
  ratios.reserve(outcome.ours.size());
  for (size_t i = 0; i < outcome.ours.size(); ++i) {
    ratios.push_back(outcome.ours[i].*figure / outcome.reference[i].*figure);
  }
  return ratios;
}

void PrintHeading() {
  std::cout << absl::StrFormat("%-24s %8s %8s %6s %-16s %5s %6s %6s %6s\n", "requests a second",
                               "bare", "ours", "ratio", "(spread)", "goal", "us", "us", "ratio");
}

void Print(const Flags& flags, const Outcome& outcome) {
  const std::vector<double> ratios = Ratios(outcome, &Rate::per_second);
  const Spread spread = SpreadOf(ratios);
  std::cout << absl::StrFormat("%-24s %8.0f %8.0f %6.3f (%.3f to %.3f) %5.2f", flags.title,
                               Median(Figures(outcome.reference, &Rate::per_second)),
                               Median(Figures(outcome.ours, &Rate::per_second)), Median(ratios),
                               spread.low, spread.high, flags.goal);
  if (flags.reference_pid != 0 && flags.ours_pid != 0) {
    std::cout << absl::StrFormat(
        " %6.2f %6.2f %6.2f", Median(Figures(outcome.reference, &Rate::cpu_us)),
        Median(Figures(outcome.ours, &Rate::cpu_us)), Median(Ratios(outcome, &Rate::cpu_us)));
  }
  std::cout << "\n" << std::flush;
}

absl::Status Run(const Flags& flags) {
  if (flags.heading_only) {
    PrintHeading();
    return absl::OkStatus();
  }
  // Brings both up to speed.
  for (const bool reference : {true, false}) {
    MUSTER_RETURN_IF_ERROR(Measure(flags, reference).status());
  }
  Outcome outcome;
  for (int pair = 0; pair < flags.pairs; ++pair) {
    const bool reference_first = pair % 2 == 0;
    for (const bool is_reference : {reference_first, !reference_first}) {
      MUSTER_ASSIGN_OR_RETURN(const Rate rate, Measure(flags, is_reference));
      (is_reference ? outcome.reference : outcome.ours).push_back(rate);
    }
  }
  Print(flags, outcome);
  return absl::OkStatus();
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  muster::bench::Flags flags;
  CLI::App app("Compares two running HTTP servers");
  app.option_defaults()->always_capture_default();
  app.add_option("--reference", flags.reference, "IPv4 address and port of the reference");
  app.add_option("--ours", flags.ours, "IPv4 address and port of ours");
  app.add_option("--reference-pid", flags.reference_pid, "Its process, to tell its processor time");
  app.add_option("--ours-pid", flags.ours_pid, "As --reference-pid");
  app.add_option("--path", flags.path, "What is asked for");
  app.add_option("--connections", flags.connections, "Open at once")->check(CLI::PositiveNumber);
  app.add_option("--seconds", flags.seconds, "A run takes")->check(CLI::PositiveNumber);
  app.add_option("--pairs", flags.pairs, "Interleaved pairs of runs")->check(CLI::PositiveNumber);
  app.add_option("--title", flags.title, "First column");
  app.add_option("--goal", flags.goal, "Printed beside the ratio");
  app.add_flag("--heading", flags.heading_only, "Print what stands above the rows, and end");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = muster::bench::Run(flags);
  if (status.ok()) return 0;
  std::cerr << "bench_http_load: " << status.ToString() << "\n";
  return 1;
}
