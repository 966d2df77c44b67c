#pragma once

#include <atomic>
#include <functional>
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

// Runners over one store, in memory unless told otherwise, one engine and game servers in memory,
// with the machine's clock.
class RunnerFixture {
 public:
  RunnerFixture();

  // What runners begin with.
  FleetRunner::Options& options() { return options_; }
  std::unique_ptr<FleetRunner> StartRunner() { return StartRunner(*store_); }
  // With a way to the store of its own.
  std::unique_ptr<FleetRunner> StartRunner(Store& store);

  // From now on everything is about this one, which outlives its use.
  void UseStore(Store& store) { store_ = &store; }

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

  fakes::MemoryStore& store() { return memory_; }
  fakes::FakeProvisioner& engine() { return engine_; }
  fakes::FakeGameServerClient& servers() { return servers_; }
  store::LocalBus& bus() { return bus_; }
  RecordingObserver& observer() { return observer_; }

 private:
  FleetRunner::Options options_;
  store::LocalBus bus_{store::LocalBus::Options{}};
  fakes::FakeGameServerClient servers_;
  fakes::FakeProvisioner engine_{servers_};
  fakes::MemoryStore memory_{base::Clock::System()};
  Store* store_ = &memory_;
  RecordingObserver observer_;
  std::atomic<uint64_t> runners_{0};
};

}  // namespace muster::lobby
