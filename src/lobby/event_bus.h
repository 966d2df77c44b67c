#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace muster::lobby {

// Channels of the bus.
// There is something new in the store (empty), or with the server whose id it is.
inline constexpr std::string_view kWorkChannel = "work";
// A request changed: its record.
inline constexpr std::string_view kRequestsChannel = "requests";
// See server_command.h.
inline constexpr std::string_view kServersChannel = "servers";

// Tells all replicas, at most once and soon. Who must not miss anything reads the store: after a
// gap, and from time to time. Thread-safe.
class EventBus {
 public:
  using OnMessage = std::function<void(std::string_view payload)>;
  // Messages may have been lost: the connection was down, or the receiver too slow.
  using OnGap = std::function<void()>;

  // Ends it; returns when no callback is running.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  virtual ~EventBus() = default;

  // Never waits for receivers or a network; what cannot be sent is dropped and counted.
  virtual void Publish(std::string_view channel, std::string payload) = 0;

  // Messages of one publisher come in their order, its own included, one callback of this
  // subscription at a time, on a thread of the bus; they must be short. `on_gap` may be empty.
  virtual std::unique_ptr<Subscription> Subscribe(std::string_view channel, OnMessage on_message,
                                                  OnGap on_gap) = 0;
};

}  // namespace muster::lobby
