#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lobby/fleet.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_game_server_client.h"
#include "tests/fakes/fake_provisioner.h"
#include "tests/fakes/memory_store.h"

namespace muster::lobby {

// Runs a Fleet with a clock that stands still between its steps, over a store, an engine and game
// servers in memory. What it is asked to do is done at once and its results come later.
class FleetDriver {
 public:
  using Mood = fakes::FakeGameServerClient::Mood;

  explicit FleetDriver(const FleetOptions& options);

  // As players do: what Requests would write.
  void Ask(const std::string& client_id);
  // Whatever became of the request before.
  void AskAnew(const std::string& client_id);
  void AskMany(int count);
  void Cancel(const std::string& client_id);
  // An ask of one that waits, which refreshes its record.
  void Refresh(const std::string& client_id);
  Request Find(const std::string& client_id);
  RequestState StateOf(const std::string& client_id) { return Find(client_id).state; }
  std::vector<Request> All();
  int Count(RequestState state);
  // The server that has it; empty when none has.
  std::string ServerOf(const std::string& client_id);

  // Lets time pass, and everything happen that falls into it.
  void Run(std::chrono::milliseconds duration);
  // This fleet ends without a word, with the answers it waits for; another takes over.
  void TakeOver();
  void Crash(const std::string& server_id);

  Fleet& fleet() { return *fleet_; }
  fakes::FakeProvisioner& engine() { return engine_; }
  fakes::FakeGameServerClient& servers() { return servers_; }
  fakes::MemoryStore& store() { return store_; }
  FleetOptions& options() { return options_; }
  base::Timestamp now() const { return clock_.Now(); }
  // Of one server, as the fakes have it.
  fakes::FakeGameServerClient::Server Server(const std::string& server_id) const;
  void SetMood(const std::string& server_id, Mood mood);
  void SetStartTime(std::chrono::milliseconds time) { start_time_ = time; }
  const std::vector<FleetDecisions::News>& news() const { return news_; }
  const std::vector<std::chrono::milliseconds>& timeouts() const { return timeouts_; }

 private:
  void Begin();
  void Schedule(std::chrono::milliseconds delay, std::function<void()> event);
  void Step();
  void ReadStore();
  void Make(const FleetDecisions& decisions, const std::vector<int64_t>& revisions);
  void Reserve(const FleetDecisions::SlotCall& call);
  void Release(const FleetDecisions::SlotCall& call);
  void AskServer(const FleetDecisions::StatusCall& call);
  void Start(const std::string& server_id);
  void List();
  std::chrono::milliseconds DelayOf(bool answered, const std::string& control_url,
                                    std::chrono::milliseconds timeout) const;
  void Write(Request request);

  FleetOptions options_;
  fakes::FakeClock clock_;
  fakes::FakeGameServerClient servers_;
  fakes::FakeProvisioner engine_{servers_};
  fakes::MemoryStore store_{clock_};
  Lease lease_;
  std::unique_ptr<Fleet> fleet_;
  std::multimap<base::Timestamp, std::function<void()>> events_;
  std::chrono::milliseconds start_time_{100};
  base::Timestamp next_{};
  int64_t revision_read_ = 0;
  int fleets_ = 0;
  int asks_ = 0;
  std::vector<FleetDecisions::News> news_;
  // Of the calls for slots.
  std::vector<std::chrono::milliseconds> timeouts_;
};

}  // namespace muster::lobby
