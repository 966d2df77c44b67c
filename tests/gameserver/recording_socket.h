#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/server/web_socket.h"

namespace muster::gameserver {

// A WebSocket that remembers what was done with it. Not thread-safe.
class RecordingSocket final : public net::server::WebSocket {
 public:
  using net::server::WebSocket::Close;
  bool Send(std::shared_ptr<const std::string> text) override {
    if (close_code == 0) frames.push_back(*text);
    return close_code == 0;
  }
  void Close(uint16_t code, std::string_view reason) override {
    if (close_code != 0) return;
    close_code = code;
    close_reason = reason;
  }

  std::vector<std::string> frames;
  // 0: open.
  uint16_t close_code = 0;
  std::string close_reason;
};

inline std::shared_ptr<RecordingSocket> MakeSocket() { return std::make_shared<RecordingSocket>(); }

}  // namespace muster::gameserver
