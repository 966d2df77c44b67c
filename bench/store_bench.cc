#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "bench/statistics.h"
#include "lobby/records.h"
#include "store/sqlite/sqlite_store.h"

// What a durable write of a request costs, with 1, 8, 64 and 256 callers at once, beside two loops
// without a database: each caller appends its record to one file and waits for the disk, and the
// same with one wait for all that came together.
//
//   bench_store [FOLDER]
namespace muster::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr std::chrono::milliseconds kTime(1500);

[[noreturn]] void Die(const std::string& what) {
  std::cerr << "bench_store: " << what << "\n";
  std::exit(1);
}

lobby::Request RequestOf(int64_t number) {
  const base::Timestamp now = base::Clock::System().Now();
  return {.client_id = absl::StrFormat("%016x", static_cast<uint64_t>(number) * 0x9e3779b97f4a7c15),
          .id = "0123456789abcdef0123456789abcdef",
          .state = lobby::RequestState::kDone,
          .place = {.server_id = "server-1", .port = 7777, .control_url = "http://127.0.0.1:3000"},
          .created_at = now,
          .changed_at = now,
          .expires_at = now + std::chrono::hours(1)};
}

// A file to which records are appended.
class BareFile {
 public:
  explicit BareFile(const std::string& path)
      : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (fd_ < 0) Die("cannot make " + path);
  }
  ~BareFile() { close(fd_); }
  BareFile(const BareFile&) = delete;
  BareFile& operator=(const BareFile&) = delete;

  void Append(const std::string& text) const {
    if (write(fd_, text.data(), text.size()) < 0 || fdatasync(fd_) != 0) Die("cannot write");
  }

 private:
  const int fd_;
};

// One thread writes what came together and waits for the disk once.
class BareGroupCommit {
 public:
  explicit BareGroupCommit(const std::string& path) : file_(path), thread_([this] { Work(); }) {}
  ~BareGroupCommit() {
    {
      const std::lock_guard lock(mu_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  BareGroupCommit(const BareGroupCommit&) = delete;
  BareGroupCommit& operator=(const BareGroupCommit&) = delete;

  void Append(const std::string& text) {
    Call call{text};
    std::unique_lock lock(mu_);
    queue_.push_back(&call);
    wake_.notify_one();
    call.finished.wait(lock, [&call] { return call.done; });
  }

 private:
  struct Call {
    const std::string& text;
    bool done = false;
    std::condition_variable finished;
  };

  void Work() {
    std::unique_lock lock(mu_);
    while (true) {
      wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      const std::vector<Call*> group = std::exchange(queue_, {});
      lock.unlock();
      std::string all;
      for (const Call* call : group) all += call->text;
      file_.Append(all);
      lock.lock();
      for (Call* call : group) {
        call->done = true;
        call->finished.notify_one();
      }
    }
  }

  const BareFile file_;
  std::mutex mu_;
  std::condition_variable wake_;
  std::vector<Call*> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

struct Result {
  double per_second = 0;
  double p99_ms = 0;
};

// Lets `callers` threads write numbered records for a while.
Result Measure(int callers, const std::function<void(int64_t)>& write_one) {
  std::atomic<int64_t> next = 0;
  std::vector<std::vector<double>> took(static_cast<size_t>(callers));
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    threads.reserve(took.size());
    for (std::vector<double>& own : took) {
      threads.emplace_back([&, mine = &own] {
        while (Clock::now() - start < kTime) {
          const auto before = Clock::now();
          write_one(next++);
          mine->push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
        }
      });
    }
  }
  const std::chrono::duration<double> seconds = Clock::now() - start;
  std::vector<double> all;
  for (const std::vector<double>& own : took) all.insert(all.end(), own.begin(), own.end());
  std::sort(all.begin(), all.end());
  return {.per_second = static_cast<double>(all.size()) / seconds.count(),
          .p99_ms = all[all.size() * 99 / 100]};
}

class Bench {
 public:
  explicit Bench(std::string folder) : folder_(std::move(folder)) {}

  void Run(int callers) {
    Rows rows;
    for (int round = 0; round < kRounds; ++round) {
      rows.bare.push_back(Bare(callers));
      rows.grouped.push_back(Grouped(callers));
      rows.store.push_back(Store(callers));
    }
    Print(callers, rows);
  }

 private:
  struct Rows {
    std::vector<Result> bare;
    std::vector<Result> grouped;
    std::vector<Result> store;
  };

  Result Bare(int callers) const {
    const BareFile file(folder_ + "/bare");
    std::mutex mu;
    return Measure(callers, [&](int64_t number) {
      const std::string record = lobby::EncodeRequest(RequestOf(number));
      const std::lock_guard lock(mu);
      file.Append(record);
    });
  }

  Result Grouped(int callers) const {
    BareGroupCommit file(folder_ + "/grouped");
    return Measure(callers,
                   [&](int64_t number) { file.Append(lobby::EncodeRequest(RequestOf(number))); });
  }

  Result Store(int callers) {
    // A new file each time, so that rounds are alike.
    const std::string path = absl::StrFormat("%s/store-%d.db", folder_, ++stores_);
    const auto store = store::sqlite::SqliteStore::Open({.path = path}, base::Clock::System());
    if (!store.ok()) Die(store.status().ToString());
    return Measure(callers, [&](int64_t number) {
      if (!(*store)->WriteRequest(RequestOf(number)).ok()) Die("a write was refused");
    });
  }

  static std::vector<double> PerSecond(const std::vector<Result>& results) {
    std::vector<double> values;
    values.reserve(results.size());
    for (const Result& result : results) values.push_back(result.per_second);
    return values;
  }

  static void PrintRow(const char* name, int callers, const std::vector<Result>& results) {
    std::vector<double> p99;
    p99.reserve(results.size());
    for (const Result& result : results) p99.push_back(result.p99_ms);
    const Spread spread = SpreadOf(PerSecond(results));
    std::cout << absl::StrFormat("%3d callers, %-30s %8.0f /s  (%.0f to %.0f)  p99 %6.2f ms\n",
                                 callers, name, Median(PerSecond(results)), spread.low, spread.high,
                                 Median(p99));
  }

  static void Print(int callers, const Rows& rows) {
    PrintRow("write + fdatasync each", callers, rows.bare);
    PrintRow("bare group commit", callers, rows.grouped);
    PrintRow("store, WriteRequest", callers, rows.store);
    const double store = Median(PerSecond(rows.store));
    std::cout << absl::StrFormat(
                     "%3d callers, the store is at %.2f of each, %.2f of bare group commit\n\n",
                     callers, store / Median(PerSecond(rows.bare)),
                     store / Median(PerSecond(rows.grouped)))
              << std::flush;
  }

  const std::string folder_;
  int stores_ = 0;
};

int Main(const std::string& parent) {
  std::string folder = parent + "/bench_store.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) Die("cannot make a folder in " + parent);
  Bench bench(folder);
  for (const int callers : {1, 8, 64, 256}) bench.Run(callers);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) { return muster::bench::Main(argc > 1 ? argv[1] : "/tmp"); }
