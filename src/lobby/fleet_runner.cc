#include "lobby/fleet_runner.h"

#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "lobby/fleet_loop.h"

namespace muster::lobby {

namespace {

// How long an operator waits for the loop.
constexpr std::chrono::milliseconds kDrainTimeout{5'000};

// An answer that another thread gives.
class Answer {
 public:
  void Set(absl::Status status) {
    base::MutexLock lock(&mu_);
    status_ = std::move(status);
    set_.SignalAll();
  }

  // UNAVAILABLE when there is none in time.
  absl::Status Await(std::chrono::milliseconds timeout) {
    base::MutexLock lock(&mu_);
    while (!status_.has_value()) {
      if (set_.WaitFor(&mu_, timeout)) break;
    }
    if (!status_.has_value()) return absl::UnavailableError("the fleet is busy");
    return *std::exchange(status_, std::nullopt);
  }

 private:
  base::Mutex mu_;
  base::CondVar set_;
  std::optional<absl::Status> status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

struct FleetRunner::Running {
  std::shared_ptr<FleetInbox> inbox = std::make_shared<FleetInbox>();
  Loop loop;
  std::unique_ptr<EventBus::Subscription> work;
  std::unique_ptr<Provisioner::Watch> exits;
  base::Mutex mu;
  std::thread thread ABSL_GUARDED_BY(mu);

  Running(const Options& options, const Ports& ports, base::IdSeed seed)
      : loop(options, ports, seed, inbox) {}
};

FleetRunner::FleetRunner(const Options& options, Ports ports, base::IdSeed seed)
    : running_(std::make_unique<Running>(options, ports, seed)) {
  const std::shared_ptr<FleetInbox> inbox = running_->inbox;
  running_->work = ports.bus.Subscribe(
      kWorkChannel, [inbox](std::string_view payload) { inbox->PostWork(payload); },
      [inbox] { inbox->PostGap(); });
  running_->exits = ports.provisioner.WatchExits(
      [inbox](const std::string& server_id, const std::string& reason) {
        inbox->Post(FleetInbox::kAnyFleet, [server_id, reason](Fleet* fleet, base::Timestamp now) {
          if (fleet != nullptr) fleet->OnExit(server_id, reason, now);
        });
      },
      [inbox] { inbox->PostList(); });
  base::MutexLock lock(&running_->mu);
  running_->thread = std::thread([this] { running_->loop.Run(); });
}

FleetRunner::~FleetRunner() { Stop(); }

void FleetRunner::Stop() {
  running_->inbox->PostStop();
  base::MutexLock lock(&running_->mu);
  if (running_->thread.joinable()) running_->thread.join();
}

bool FleetRunner::is_owner() const { return running_->loop.is_owner(); }

FleetView FleetRunner::View() const { return running_->loop.View(); }

absl::Status FleetRunner::Drain(const std::string& server_id, bool at_once) {
  if (!is_owner()) return absl::FailedPreconditionError("this replica does not own the fleet");
  const auto answer = std::make_shared<Answer>();
  running_->inbox->Post(
      FleetInbox::kAnyFleet, [answer, server_id, at_once](Fleet* fleet, base::Timestamp) {
        answer->Set(fleet != nullptr
                        ? fleet->Drain(server_id, at_once)
                        : absl::FailedPreconditionError("this replica does not own the fleet"));
      });
  return answer->Await(kDrainTimeout);
}

}  // namespace muster::lobby
