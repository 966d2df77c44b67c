#include <unistd.h>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "store/sqlite/sqlite_store.h"

// For tests that kill a process while it writes:
//
//   store_writer FILE PREFIX
//
// Writes requests of clients PREFIX0, PREFIX1, ... from several threads until it is ended, and
// prints a line "CLIENT REVISION" as soon as the store has said OK to one. Exits with 1 and the
// reason when the store cannot be opened.
namespace muster::store {
namespace {

constexpr int kThreads = 4;

void WriteForEver(lobby::Store& store, const std::string& prefix, std::atomic<int>& next) {
  while (true) {
    lobby::Request request{.client_id = prefix + std::to_string(next++),
                           .id = "0123456789abcdef0123456789abcdef",
                           .state = lobby::RequestState::kDone};
    const auto written = store.WriteRequest(request);
    if (!written.ok()) return;
    // In one piece: lines of several threads do not mix.
    const std::string line = written->client_id + " " + std::to_string(written->revision) + "\n";
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return;
  }
}

int Main(const std::string& path, const std::string& prefix) {
  const auto store = sqlite::SqliteStore::Open({.path = path}, base::Clock::System());
  if (!store.ok()) {
    std::cout << store.status().ToString() << "\n";
    return 1;
  }
  std::atomic<int> next = 0;
  std::vector<std::jthread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] { WriteForEver(**store, prefix, next); });
  }
  return 0;
}

}  // namespace
}  // namespace muster::store

int main(int argc, char** argv) { return argc == 3 ? muster::store::Main(argv[1], argv[2]) : 2; }
