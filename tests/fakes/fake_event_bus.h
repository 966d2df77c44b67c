#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "lobby/event_bus.h"

namespace muster::fakes {

// A bus that remembers what was published, delivers it on the publisher's thread before Publish
// returns, and breaks when it is told to. Callbacks must not use the bus. Thread-safe.
class FakeEventBus final : public lobby::EventBus {
 public:
  using Message = std::pair<std::string, std::string>;

  void Publish(std::string_view channel, std::string payload) override {
    base::MutexLock lock(&mu_);
    for (const Receiver* receiver : receivers_) {
      if (receiver->channel == channel) receiver->on_message(payload);
    }
    published_.emplace_back(channel, std::move(payload));
  }

  std::unique_ptr<Subscription> Subscribe(std::string_view channel, OnMessage on_message,
                                          OnGap on_gap) override {
    auto receiver = std::make_unique<Receiver>(*this);
    receiver->channel = channel;
    receiver->on_message = std::move(on_message);
    receiver->on_gap = std::move(on_gap);
    base::MutexLock lock(&mu_);
    receivers_.push_back(receiver.get());
    return receiver;
  }

  // All subscriptions are told that they may have missed something.
  void Break() {
    base::MutexLock lock(&mu_);
    for (const Receiver* receiver : receivers_) {
      if (receiver->on_gap) receiver->on_gap();
    }
  }

  // Channels and payloads, in their order.
  std::vector<Message> published() const {
    base::MutexLock lock(&mu_);
    return published_;
  }

 private:
  struct Receiver final : Subscription {
    explicit Receiver(FakeEventBus& its_bus) : bus(its_bus) {}
    ~Receiver() override {
      base::MutexLock lock(&bus.mu_);
      std::erase(bus.receivers_, this);
    }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    FakeEventBus& bus;
    std::string channel;
    OnMessage on_message;
    OnGap on_gap;
  };

  mutable base::Mutex mu_;
  std::vector<Receiver*> receivers_ ABSL_GUARDED_BY(mu_);
  std::vector<Message> published_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
