#include "gameserver/event_stream.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status_macros.h"
#include "base/stop_wait.h"
#include "base/strings.h"
#include "hiredis/hiredis.h"

namespace muster::gameserver {
namespace {

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;

timeval ToTimeval(std::chrono::milliseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(),
          .tv_usec = std::chrono::microseconds(duration - seconds).count()};
}

absl::Status Unavailable(std::string_view detail) {
  return absl::UnavailableError(base::StrCat("redis: ", detail));
}

}  // namespace

// One connection; useless after the first error.
class EventStream::Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const net::RedisAddress& address,
                                                          std::chrono::milliseconds timeout) {
    const timeval limit = ToTimeval(timeout);
    Context context(redisConnectWithTimeout(address.host.c_str(), address.port, limit));
    if (context == nullptr) return Unavailable("no memory");
    if (context->err != 0) return Unavailable(context->errstr);
    redisSetTimeout(context.get(), limit);
    auto connection = std::make_unique<Connection>(std::move(context));
    MUSTER_RETURN_IF_ERROR(connection->LogIn(address));
    return connection;
  }

  explicit Connection(Context context) : context_(std::move(context)) {}

  absl::Status Command(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<size_t> lengths;
    texts.reserve(words.size());
    lengths.reserve(words.size());
    for (const std::string& word : words) {
      texts.push_back(word.data());
      lengths.push_back(word.size());
    }
    const Reply reply(static_cast<redisReply*>(redisCommandArgv(
        context_.get(), static_cast<int>(words.size()), texts.data(), lengths.data())));
    if (reply == nullptr) return Unavailable(context_->errstr);
    if (reply->type == REDIS_REPLY_ERROR) return Unavailable({reply->str, reply->len});
    return absl::OkStatus();
  }

 private:
  absl::Status LogIn(const net::RedisAddress& address) {
    if (!address.user.empty()) {
      MUSTER_RETURN_IF_ERROR(Command({"AUTH", address.user, address.password}));
    } else if (!address.password.empty()) {
      MUSTER_RETURN_IF_ERROR(Command({"AUTH", address.password}));
    }
    if (address.database == 0) return absl::OkStatus();
    return Command({"SELECT", base::StrCat(address.database)});
  }

  const Context context_;
};

EventStream::EventStream(Options options, JsonLog& log)
    : options_(std::move(options)),
      log_(log),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

EventStream::~EventStream() {
  thread_.request_stop();
  thread_.join();
}

void EventStream::Publish(GameEvent event) {
  base::MutexLock lock(&mu_);
  if (waiting_.size() >= options_.max_waiting) {
    ++counts_.dropped;
    return;
  }
  waiting_.push_back(std::move(event));
  changed_.SignalAll();
}

bool EventStream::Flush(std::chrono::milliseconds timeout) {
  const base::MonotonicTime deadline = base::Clock::System().MonotonicNow() + timeout;
  base::MutexLock lock(&mu_);
  while (!waiting_.empty()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        deadline - base::Clock::System().MonotonicNow());
    if (left.count() <= 0) return false;
    changed_.WaitFor(&mu_, left);
  }
  return true;
}

EventStream::Counts EventStream::counts() const {
  base::MutexLock lock(&mu_);
  Counts counts = counts_;
  counts.waiting = waiting_.size();
  return counts;
}

void EventStream::Run(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    base::MutexLock lock(&mu_);
    changed_.SignalAll();
  });
  while (const std::optional<GameEvent> event = Next(stop)) {
    const absl::Status status = Append(*event);
    if (status.ok()) {
      Written();
    } else if (!base::WaitUnlessStopped(Failed(status), stop)) {
      return;
    }
  }
}

std::optional<GameEvent> EventStream::Next(const std::stop_token& stop) {
  base::MutexLock lock(&mu_);
  while (waiting_.empty() && !stop.stop_requested()) changed_.Wait(&mu_);
  if (stop.stop_requested()) return std::nullopt;
  return waiting_.front();
}

void EventStream::Written() {
  if (pause_.count() > 0) log_.Info("event stream works again");
  pause_ = std::chrono::milliseconds(0);
  base::MutexLock lock(&mu_);
  waiting_.pop_front();
  ++counts_.written;
  changed_.SignalAll();
}

std::chrono::milliseconds EventStream::Failed(const absl::Status& status) {
  connection_.reset();
  if (pause_.count() == 0) {
    log_.Warn("event stream fails", {{"detail", base::FromAbsl(status.message())}});
  }
  pause_ = std::clamp(pause_ * 2, options_.first_pause, options_.longest_pause);
  base::MutexLock lock(&mu_);
  ++counts_.failures;
  return pause_;
}

// One command at a time: of several in flight, one that Redis refuses would be overtaken.
absl::Status EventStream::Append(const GameEvent& event) {
  if (connection_ == nullptr) {
    MUSTER_ASSIGN_OR_RETURN(connection_, Connection::Open(options_.redis, options_.timeout));
  }
  std::vector<std::string> words = {
      "XADD",    options_.stream, "*",    "product_id", options_.product_id,
      "game_id", event.game_id,   "type", event.type};
  for (const auto& [name, value] : event.fields) {
    words.push_back(name);
    words.push_back(value);
  }
  return connection_->Command(words);
}

}  // namespace muster::gameserver
