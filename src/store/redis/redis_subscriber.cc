#include "store/redis/redis_subscriber.h"

#include <algorithm>
#include <utility>

#include "base/stop_wait.h"
#include "base/strings.h"

namespace muster::store::redis {
namespace {

// How often the thread looks whether it is to end.
constexpr std::chrono::milliseconds kTick{100};

// The pattern of all channels that begin with `prefix`.
std::string PatternOf(std::string_view prefix) {
  std::string pattern;
  for (const char c : prefix) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern + '*';
}

}  // namespace

class RedisSubscriber::Receiver final : public lobby::EventBus::Subscription {
 public:
  Receiver(RedisSubscriber& subscriber, std::string channel, lobby::EventBus::OnMessage on_message,
           lobby::EventBus::OnGap on_gap)
      : subscriber_(subscriber),
        channel_(std::move(channel)),
        on_message_(std::move(on_message)),
        on_gap_(std::move(on_gap)) {}
  ~Receiver() override { subscriber_.End(this); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  const std::string& channel() const { return channel_; }
  void TellMessage(std::string_view payload) const { on_message_(payload); }
  void TellGap() const {
    if (on_gap_) on_gap_();
  }

 private:
  RedisSubscriber& subscriber_;
  const std::string channel_;
  const lobby::EventBus::OnMessage on_message_;
  const lobby::EventBus::OnGap on_gap_;
};

RedisSubscriber::RedisSubscriber(Options options, OnConnected on_connected,
                                 const base::Clock& clock)
    : options_(std::move(options)),
      on_connected_(std::move(on_connected)),
      clock_(clock),
      pause_(options_.pause),
      thread_([this](const std::stop_token& stop) { Loop(stop); }) {}

RedisSubscriber::~RedisSubscriber() = default;

void RedisSubscriber::AwaitFirstAttempt(std::chrono::milliseconds timeout) {
  base::MutexLock lock(&mu_);
  bool timed_out = false;
  while (!attempted_ && !timed_out) timed_out = changed_.WaitFor(&mu_, timeout);
}

std::unique_ptr<lobby::EventBus::Subscription> RedisSubscriber::Subscribe(
    std::string_view channel, lobby::EventBus::OnMessage on_message,
    lobby::EventBus::OnGap on_gap) {
  auto receiver = std::make_unique<Receiver>(*this, base::StrCat(options_.prefix, channel),
                                             std::move(on_message), std::move(on_gap));
  base::MutexLock lock(&mu_);
  receivers_.push_back(receiver.get());
  return receiver;
}

bool RedisSubscriber::connected() const {
  base::MutexLock lock(&mu_);
  return connected_;
}

int64_t RedisSubscriber::reconnects() const {
  base::MutexLock lock(&mu_);
  return std::max<int64_t>(connections_ - 1, 0);
}

void RedisSubscriber::Loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::unique_ptr<RedisConnection> connection = Connect();
    if (connection != nullptr) {
      pause_.Reset();
      if (on_connected_) on_connected_();
      TellEach(SetConnected(true), [](const Receiver& receiver) { receiver.TellGap(); });
      Receive(*connection, stop);
    }
    SetConnected(false);
    if (!base::WaitUnlessStopped(pause_.Next(), stop)) return;
  }
}

std::unique_ptr<RedisConnection> RedisSubscriber::Connect() {
  auto connection = RedisConnection::Open(options_.connection);
  if (!connection.ok() || !(*connection)->Call({"PSUBSCRIBE", PatternOf(options_.prefix)}).ok() ||
      !(*connection)->SetTimeout(kTick).ok()) {
    return nullptr;
  }
  return *std::move(connection);
}

std::vector<RedisSubscriber::Receiver*> RedisSubscriber::SetConnected(bool connected) {
  base::MutexLock lock(&mu_);
  attempted_ = true;
  connected_ = connected;
  if (connected) ++connections_;
  changed_.SignalAll();
  return receivers_;
}

void RedisSubscriber::Receive(RedisConnection& connection, const std::stop_token& stop) {
  base::MonotonicTime heard_at = clock_.MonotonicNow();
  base::MonotonicTime asked_at = heard_at;
  while (!stop.stop_requested()) {
    const auto reply = connection.ReceiveIfAny();
    if (!reply.ok()) return;
    const base::MonotonicTime now = clock_.MonotonicNow();
    if (reply->has_value()) {
      heard_at = now;
      Deliver((*reply)->value());
    } else if (now - heard_at >= options_.max_silence) {
      return;
    } else if (now - std::max(heard_at, asked_at) >= options_.max_silence / 2) {
      asked_at = now;
      if (!connection.Add({"PING"}).ok()) return;
    }
  }
}

void RedisSubscriber::Deliver(const RedisValue& reply) {
  // "pmessage", pattern, channel, payload; the answer to a ping has two parts.
  if (reply[0].text() != "pmessage") return;
  const std::string_view payload = reply[3].text();
  TellEach(ReceiversOf(reply[2].text()),
           [payload](const Receiver& receiver) { receiver.TellMessage(payload); });
}

std::vector<RedisSubscriber::Receiver*> RedisSubscriber::ReceiversOf(
    std::string_view channel) const {
  std::vector<Receiver*> found;
  base::MutexLock lock(&mu_);
  std::ranges::copy_if(receivers_, std::back_inserter(found), [channel](const Receiver* receiver) {
    return receiver->channel() == channel;
  });
  return found;
}

void RedisSubscriber::TellEach(const std::vector<Receiver*>& receivers,
                               const std::function<void(const Receiver&)>& tell) {
  for (const Receiver* receiver : receivers) {
    {
      base::MutexLock lock(&mu_);
      if (std::ranges::find(receivers_, receiver) == receivers_.end()) continue;
      running_ = receiver;
    }
    tell(*receiver);
    {
      base::MutexLock lock(&mu_);
      running_ = nullptr;
    }
    changed_.SignalAll();
  }
}

void RedisSubscriber::End(const Receiver* receiver) {
  base::MutexLock lock(&mu_);
  std::erase(receivers_, receiver);
  while (running_ == receiver) changed_.Wait(&mu_);
}

}  // namespace muster::store::redis
