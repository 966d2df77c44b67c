#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "net/server/io_thread.h"
#include "net/server/web_socket.h"

namespace muster::net::server {

// A WebSocket as its owner has it: what waits to be sent, apart from the connection that sends it
// and may end before. Thread-safe but for what says otherwise.
class SocketQueue final : public WebSocket, public std::enable_shared_from_this<SocketQueue> {
 public:
  // Sends what is queued.
  class Sender {
   public:
    virtual ~Sender() = default;
    // There is something to take; called on the connection's thread, and not again before Take
    // gave nothing.
    virtual void OnQueued() = 0;
  };
  struct Closing {
    uint16_t code = 0;
    std::string reason;
    bool overflow = false;
  };
  // One of the two, or nothing.
  struct Item {
    std::shared_ptr<const std::string> text;
    std::optional<Closing> closing;
  };

  SocketQueue(std::shared_ptr<IoThread> thread, size_t max_texts, Sender* sender)
      : thread_(std::move(thread)), max_texts_(max_texts), sender_(sender) {}

  bool Send(std::shared_ptr<const std::string> text) override;
  void Close(uint16_t code, std::string_view reason) override;
  using WebSocket::Close;

  // The next thing to send.
  Item Take();
  // On the connection's thread: it has ended.
  void End();

 private:
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<IoThread> thread_;
  const size_t max_texts_;

  // Touched on the connection's thread only; null when the connection has ended.
  Sender* sender_;

  base::Mutex mutex_;
  std::deque<std::shared_ptr<const std::string>> texts_ ABSL_GUARDED_BY(mutex_);
  std::optional<Closing> closing_ ABSL_GUARDED_BY(mutex_);
  // No more is taken in.
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace muster::net::server
