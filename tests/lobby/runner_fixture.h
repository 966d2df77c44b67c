#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lobby/fleet_runner.h"
#include "store/local_bus.h"
#include "tests/fakes/fake_game_server_client.h"
#include "tests/fakes/fake_provisioner.h"
#include "tests/fakes/memory_store.h"

namespace muster::lobby {

// Keeps what it is told. Thread-safe.
class RecordingObserver final : public FleetObserver {
 public:
  void OnOwner(bool owner) override { Add(owner ? "owner" : "no owner"); }
  void OnServerStarted(const std::string&, std::chrono::milliseconds) override { Add("started"); }
  void OnServerFailed(const std::string&, const std::string&) override { Add("server failed"); }
  void OnServerEnded(const std::string&, const std::string&) override { Add("ended"); }
  void OnRequestDone(const Request& request) override { Add("done " + request.client_id); }
  void OnRequestFailed(const Request& request) override { Add("failed " + request.client_id); }
  void OnTrouble(std::string_view what, const absl::Status& status) override {
    Add(std::string(what) + (status.ok() ? " works" : " fails"));
  }

  std::vector<std::string> told() const;
  int Count(const std::string& what) const;

 private:
  void Add(std::string what);

  mutable std::mutex mu_;
  std::vector<std::string> told_;
};

// Runners over one store, one engine and game servers in memory, with the machine's clock.
class RunnerFixture {
 public:
  RunnerFixture();

  // What runners begin with.
  FleetRunner::Options& options() { return options_; }
  std::unique_ptr<FleetRunner> StartRunner() { return StartRunner(store_); }
  // With a way to the store of its own.
  std::unique_ptr<FleetRunner> StartRunner(Store& store);

  // As players do: what Requests would write, tried until the store takes it.
  void Ask(const std::string& client_id);
  void AskMany(int count);
  void Cancel(const std::string& client_id);
  Request Find(const std::string& client_id);
  std::vector<Request> All();
  bool IsDone(const std::string& client_id);
  // All have their place, in a server that holds it, and nobody has two.
  bool AllAreServed(int count);
  // The engine runs what the store knows, and nothing else.
  bool NothingRunsUnknown();

  // True as soon as it holds; false when it does not for very long.
  static bool Eventually(const std::function<bool()>& holds);

  fakes::MemoryStore& store() { return store_; }
  fakes::FakeProvisioner& engine() { return engine_; }
  fakes::FakeGameServerClient& servers() { return servers_; }
  store::LocalBus& bus() { return bus_; }
  RecordingObserver& observer() { return observer_; }

 private:
  FleetRunner::Options options_;
  store::LocalBus bus_{store::LocalBus::Options{}};
  fakes::FakeGameServerClient servers_;
  fakes::FakeProvisioner engine_{servers_};
  fakes::MemoryStore store_{base::Clock::System()};
  RecordingObserver observer_;
  std::atomic<uint64_t> runners_{0};
};

// A replica's own way to a store, which can be cut.
class CutStore final : public Store {
 public:
  explicit CutStore(Store& store) : store_(store) {}
  // So many more calls work; of the next one, if `done`, only the answer is lost.
  void CutAfter(int64_t calls, bool done) {
    last_is_done_ = done;
    calls_left_ = calls;
  }
  void Mend() { calls_left_ = std::numeric_limits<int64_t>::max(); }

  absl::StatusOr<std::optional<Request>> FindRequest(std::string_view client_id) override;
  absl::StatusOr<Request> WriteRequest(const Request& request) override;
  absl::StatusOr<std::vector<Request>> RequestsAfter(int64_t revision, size_t limit) override;
  absl::StatusOr<std::vector<Request>> ExpiredRequests(base::Timestamp now, size_t limit) override;
  absl::StatusOr<std::vector<GameServer>> Servers() override;
  absl::StatusOr<std::vector<int64_t>> Commit(const Lease& lease, const Batch& batch) override;
  absl::StatusOr<std::optional<Lease>> AcquireLease(std::string_view name,
                                                    std::chrono::milliseconds ttl) override;
  absl::Status RenewLease(const Lease& lease, std::chrono::milliseconds ttl) override;
  absl::Status ReleaseLease(const Lease& lease) override;
  absl::StatusOr<std::string> Setting(std::string_view name, std::string_view initial) override;
  absl::Status Check() override;

 private:
  // `call`, or that there is no way.
  template <typename Call>
  auto Through(const Call& call) -> decltype(call()) {
    const int64_t left = calls_left_--;
    if (left > 0) return call();
    if (left == 0 && last_is_done_) call().IgnoreError();
    return absl::UnavailableError("there is no way to the store");
  }

  Store& store_;
  std::atomic<bool> last_is_done_{false};
  std::atomic<int64_t> calls_left_{std::numeric_limits<int64_t>::max()};
};

}  // namespace muster::lobby
