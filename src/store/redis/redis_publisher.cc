#include "store/redis/redis_publisher.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace muster::store::redis {
namespace {

// Enough to make the round trip cheap; all of them may be lost with the connection.
constexpr size_t kMaxBatch = 100;

}  // namespace

RedisPublisher::RedisPublisher(const Options& options)
    : options_(options), pause_(options.pause), thread_([this] { Loop(); }) {}

RedisPublisher::~RedisPublisher() {
  {
    base::MutexLock lock(&mu_);
    stopping_ = true;
  }
  wake_.Signal();
  thread_.join();
}

void RedisPublisher::Publish(std::string channel, std::string payload) {
  {
    base::MutexLock lock(&mu_);
    if (queue_.size() >= options_.max_queued) {
      ++dropped_;
      return;
    }
    queue_.push_back({std::move(channel), std::move(payload)});
  }
  wake_.Signal();
}

void RedisPublisher::Reconnect() {
  base::MutexLock lock(&mu_);
  reconnect_ = true;
}

int64_t RedisPublisher::dropped() const {
  base::MutexLock lock(&mu_);
  return dropped_;
}

void RedisPublisher::Loop() {
  while (true) {
    std::vector<Message> messages = TakeSome();
    if (messages.empty()) return;
    if (Connect()) {
      Send(messages);
    } else {
      PutBack(std::move(messages));
      if (!Pause()) return;
    }
  }
}

std::vector<RedisPublisher::Message> RedisPublisher::TakeSome() {
  base::MutexLock lock(&mu_);
  while (queue_.empty() && !stopping_) wake_.Wait(&mu_);
  const auto end = queue_.begin() + static_cast<ptrdiff_t>(std::min(queue_.size(), kMaxBatch));
  std::vector<Message> messages(std::make_move_iterator(queue_.begin()),
                                std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  if (std::exchange(reconnect_, false)) connection_.reset();
  return messages;
}

void RedisPublisher::PutBack(std::vector<Message> messages) {
  base::MutexLock lock(&mu_);
  queue_.insert(queue_.begin(), std::make_move_iterator(messages.begin()),
                std::make_move_iterator(messages.end()));
}

bool RedisPublisher::Pause() {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime until = clock.MonotonicNow() + pause_.Next();
  base::MutexLock lock(&mu_);
  while (!stopping_) {
    const auto left = until - clock.MonotonicNow();
    if (left.count() <= 0) return true;
    wake_.WaitFor(&mu_, std::chrono::ceil<std::chrono::milliseconds>(left));
  }
  dropped_ += static_cast<int64_t>(queue_.size());
  queue_.clear();
  return false;
}

bool RedisPublisher::Connect() {
  if (connection_ != nullptr) return true;
  auto connection = RedisConnection::Open(options_.connection);
  if (!connection.ok()) return false;
  connection_ = *std::move(connection);
  pause_.Reset();
  return true;
}

void RedisPublisher::Send(const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    if (!connection_->Add({"PUBLISH", message.channel, message.payload}).ok()) break;
  }
  size_t sent = 0;
  while (sent < messages.size()) {
    const auto reply = connection_->Receive();
    if (!reply.ok()) break;
    // The server refuses while it loads its data: that one is lost, those after it may not be.
    if (reply->value().is_error()) CountDropped(1);
    ++sent;
  }
  CountDropped(messages.size() - sent);
  if (connection_->broken()) connection_.reset();
}

void RedisPublisher::CountDropped(size_t count) {
  base::MutexLock lock(&mu_);
  dropped_ += static_cast<int64_t>(count);
}

}  // namespace muster::store::redis
