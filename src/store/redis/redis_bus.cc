#include "store/redis/redis_bus.h"

#include <utility>

#include "base/strings.h"

namespace muster::store::redis {

RedisBus::RedisBus(const Options& options, const base::Clock& clock)
    : prefix_(base::StrCat(options.prefix, "bus:", options.connection.address.database, ":")),
      publisher_({.connection = options.connection,
                  .max_queued = options.max_queued,
                  .pause = options.pause}),
      subscriber_(
          {.connection = options.connection,
           .prefix = prefix_,
           .max_silence = options.max_silence,
           .pause = options.pause},
          [this] { publisher_.Reconnect(); }, clock) {
  subscriber_.AwaitFirstAttempt(options.connection.connect_timeout);
}

void RedisBus::Publish(std::string_view channel, std::string payload) {
  publisher_.Publish(base::StrCat(prefix_, channel), std::move(payload));
}

std::unique_ptr<lobby::EventBus::Subscription> RedisBus::Subscribe(std::string_view channel,
                                                                   OnMessage on_message,
                                                                   OnGap on_gap) {
  return subscriber_.Subscribe(channel, std::move(on_message), std::move(on_gap));
}

}  // namespace muster::store::redis
