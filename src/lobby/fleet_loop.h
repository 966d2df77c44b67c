#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "lobby/fleet_calls.h"
#include "lobby/fleet_inbox.h"
#include "lobby/fleet_lease.h"
#include "lobby/fleet_runner.h"

namespace muster::lobby {

// The loop of FleetRunner: one round after the other while there is something to do. Run by one
// thread; View and is_owner are for all.
class FleetRunner::Loop {
 public:
  Loop(const Options& options, const Ports& ports, base::IdSeed seed,
       std::shared_ptr<FleetInbox> inbox);

  // Until the inbox says stop and all is done that belongs to it.
  void Run();

  bool is_owner() const { return owner_; }
  FleetView View() const;

 private:
  // Whether things that can fail did; tells the observer when that changes.
  class Trouble {
   public:
    Trouble(std::string_view what, FleetObserver& observer) : what_(what), observer_(observer) {}
    // OK ends it.
    void Note(const absl::Status& status);
    // How long to wait before the next try: it doubles with each failure.
    std::chrono::milliseconds pause() const { return pause_; }

   private:
    const std::string_view what_;
    FleetObserver& observer_;
    std::chrono::milliseconds pause_{0};
  };

  base::Timestamp Now() const;
  std::chrono::milliseconds UntilNextRound() const;
  void Read(const FleetInbox::Mail& mail);
  void BeginToStop();
  void ShutDownFleet();
  void TellWhatIsLeft();
  bool IsDone() const;
  bool HasFleet() const;

  void KeepLease();
  void BecomeOwner();
  void TakeOver();
  void Adopt(std::unique_ptr<Fleet> fleet);
  absl::Status Load(Fleet& fleet);
  void TellAgain(const Request& request);
  void DropFleet();
  void Lose();
  void SetOwner(bool owner);

  void Round();
  void ListWhenDue();
  absl::Status ReadRequests();
  void ForgetRewritten(const std::vector<Request>& written);
  absl::Status ReadExpired();
  void Decide();
  absl::StatusOr<std::vector<int64_t>> Commit(const Batch& batch);
  void OnCommitFailed(const FleetDecisions& decisions, const absl::Status& status);
  void Tell(const FleetDecisions& decisions, const std::vector<int64_t>& revisions);
  void TellNews(const FleetDecisions::News& news);
  void OnStoreFailed(const absl::Status& status);

  const Options options_;
  const Ports ports_;
  const base::IdSeed seed_;
  const std::shared_ptr<FleetInbox> inbox_;

  std::atomic<bool> owner_{false};

  // Of the loop's thread alone.
  FleetLease lease_;
  Trouble store_trouble_;
  Trouble engine_trouble_;
  // Fleets so far: tells the answers for this one from those for others.
  int64_t fleet_number_ = 0;
  // Where time began: steps of the wall clock make nothing late or early.
  base::Timestamp wall_anchor_{};
  base::MonotonicTime monotonic_anchor_{};
  base::Timestamp next_store_try_{};
  base::Timestamp next_read_{};
  base::Timestamp next_expiry_{};
  base::Timestamp next_list_{};
  base::Timestamp next_decision_{};
  int64_t revision_read_ = 0;
  bool listing_ = false;
  // The fleet knows nothing before the engine's list comes.
  bool blind_ = false;
  // Removed by the latest commit, if they were not written again before.
  std::vector<Request> removed_;
  // What the latest list said, until the observer knows.
  std::optional<absl::Status> engine_status_;
  std::optional<base::Timestamp> stop_deadline_;

  mutable base::Mutex mu_;
  // Changed by the loop's thread only.
  std::unique_ptr<Fleet> fleet_ ABSL_GUARDED_BY(mu_);

  // Its calls end before the rest goes.
  FleetCalls calls_;
};

}  // namespace muster::lobby
