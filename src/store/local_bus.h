#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "lobby/event_bus.h"

namespace muster::store {

// The bus of a lobby that is one process. All callbacks run on one thread, subscriptions in turn. A
// subscription must not be ended by its own callback, and outlives no bus. Thread-safe.
class LocalBus final : public lobby::EventBus {
 public:
  struct Options {
    // Messages that wait for one subscription. One too many drops them all and is a gap: who reads
    // the store anyway gains nothing from the rest. A burst of a thousand players fits some times.
    size_t max_queued = 10'000;
  };

  explicit LocalBus(const Options& options);
  // What still waits is dropped.
  ~LocalBus() override;
  LocalBus(const LocalBus&) = delete;
  LocalBus& operator=(const LocalBus&) = delete;

  void Publish(std::string_view channel, std::string payload) override;
  std::unique_ptr<Subscription> Subscribe(std::string_view channel, OnMessage on_message,
                                          OnGap on_gap) override;

  // Messages that a slow subscription did not get.
  int64_t dropped() const;

 private:
  class Receiver;

  void Enqueue(Receiver& receiver, const std::shared_ptr<const std::string>& payload)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void End(Receiver& receiver);
  void Deliver();

  const size_t max_queued_;
  mutable base::Mutex mu_;
  base::CondVar ready_or_stopping_;
  base::CondVar delivered_;
  std::map<std::string, std::vector<Receiver*>, std::less<>> channels_ ABSL_GUARDED_BY(mu_);
  // Those with something to deliver, each once.
  std::deque<Receiver*> ready_ ABSL_GUARDED_BY(mu_);
  // The one whose callback runs now.
  const Receiver* running_ ABSL_GUARDED_BY(mu_) = nullptr;
  int64_t dropped_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace muster::store
