#include "store/local_bus.h"

#include <algorithm>
#include <utility>

namespace muster::store {

// Its fields but the first ones are guarded by the bus' mutex.
class LocalBus::Receiver final : public lobby::EventBus::Subscription {
 public:
  Receiver(LocalBus& bus, std::string_view channel, OnMessage on_message, OnGap on_gap)
      : bus_(bus),
        channel_(channel),
        on_message_(std::move(on_message)),
        on_gap_(std::move(on_gap)) {}
  ~Receiver() override { bus_.End(*this); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  const std::string& channel() const { return channel_; }

  bool idle() const { return queue_.empty() && !gap_; }
  size_t queued() const { return queue_.size(); }
  void Push(std::shared_ptr<const std::string> payload) { queue_.push_back(std::move(payload)); }
  // Returns how many messages are gone.
  size_t DropAll() {
    gap_ = true;
    return std::exchange(queue_, {}).size();
  }
  // What is to be told next: a message, or null for a gap.
  std::shared_ptr<const std::string> Pop() {
    if (std::exchange(gap_, false)) return nullptr;
    auto payload = std::move(queue_.front());
    queue_.pop_front();
    return payload;
  }

  // Without the mutex.
  void Tell(const std::shared_ptr<const std::string>& payload) const {
    if (payload != nullptr) {
      on_message_(*payload);
    } else if (on_gap_) {
      on_gap_();
    }
  }

 private:
  LocalBus& bus_;
  const std::string channel_;
  const OnMessage on_message_;
  const OnGap on_gap_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  // Comes before what is queued.
  bool gap_ = false;
};

LocalBus::LocalBus(const Options& options)
    : max_queued_(options.max_queued), thread_([this] { Deliver(); }) {}

LocalBus::~LocalBus() {
  {
    base::MutexLock lock(&mu_);
    stopping_ = true;
  }
  ready_or_stopping_.Signal();
  thread_.join();
}

void LocalBus::Publish(std::string_view channel, std::string payload) {
  const auto shared = std::make_shared<const std::string>(std::move(payload));
  base::MutexLock lock(&mu_);
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  for (Receiver* receiver : found->second) Enqueue(*receiver, shared);
  ready_or_stopping_.Signal();
}

void LocalBus::Enqueue(Receiver& receiver, const std::shared_ptr<const std::string>& payload) {
  if (receiver.idle()) ready_.push_back(&receiver);
  if (receiver.queued() < max_queued_) {
    receiver.Push(payload);
  } else {
    dropped_ += static_cast<int64_t>(receiver.DropAll()) + 1;
  }
}

std::unique_ptr<lobby::EventBus::Subscription> LocalBus::Subscribe(std::string_view channel,
                                                                   OnMessage on_message,
                                                                   OnGap on_gap) {
  auto receiver =
      std::make_unique<Receiver>(*this, channel, std::move(on_message), std::move(on_gap));
  base::MutexLock lock(&mu_);
  channels_[receiver->channel()].push_back(receiver.get());
  return receiver;
}

void LocalBus::End(Receiver& receiver) {
  base::MutexLock lock(&mu_);
  const auto channel = channels_.find(receiver.channel());
  std::erase(channel->second, &receiver);
  if (channel->second.empty()) channels_.erase(channel);
  std::erase(ready_, &receiver);
  while (running_ == &receiver) delivered_.Wait(&mu_);
}

int64_t LocalBus::dropped() const {
  base::MutexLock lock(&mu_);
  return dropped_;
}

void LocalBus::Deliver() {
  mu_.Lock();
  while (true) {
    while (ready_.empty() && !stopping_) ready_or_stopping_.Wait(&mu_);
    if (stopping_) break;
    Receiver& receiver = *ready_.front();
    ready_.pop_front();
    const auto payload = receiver.Pop();
    if (!receiver.idle()) ready_.push_back(&receiver);
    running_ = &receiver;
    mu_.Unlock();
    receiver.Tell(payload);
    mu_.Lock();
    running_ = nullptr;
    delivered_.SignalAll();
  }
  mu_.Unlock();
}

}  // namespace muster::store
