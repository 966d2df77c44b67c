#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace muster::net::server {

// Close codes of RFC 6455, section 7.4.1, that are used here.
enum class CloseCode : uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kPolicyViolation = 1008,
  kTooBig = 1009,
  kInternalError = 1011,
  kTryAgainLater = 1013,
};

// Our end of an open WebSocket. Thread-safe; may be used after the connection has ended, and then
// does nothing.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // Queues a text message; sent in the order of the calls. False when the connection has ended, or
  // when its queue is full: then the reader is too slow, and it is cut off with kTryAgainLater.
  // One text can go to many sockets without a copy.
  virtual bool Send(std::shared_ptr<const std::string> text) = 0;

  // Sends what is queued, then a close frame. `reason` has at most 123 bytes. Codes 4000 to 4999
  // are a protocol's own.
  virtual void Close(uint16_t code, std::string_view reason) = 0;
  void Close(CloseCode code, std::string_view reason) {
    Close(static_cast<uint16_t>(code), reason);
  }
};

// What a WebSocket's owner does with it. All calls come one at a time, on the connection's thread,
// and must be short.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  // First call. The socket may be kept and used from any thread.
  virtual void OnOpen(std::shared_ptr<WebSocket> socket) = 0;
  // A text message, valid UTF-8. Binary messages end the connection with kUnsupportedData.
  virtual void OnMessage(std::string_view text) = 0;
  // Last call, exactly once after OnOpen, whoever ended it.
  virtual void OnClose() = 0;
};

}  // namespace muster::net::server
