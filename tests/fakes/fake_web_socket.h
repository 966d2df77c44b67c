#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "net/server/web_socket.h"

namespace muster::fakes {

// Remembers what was sent, until it is closed. Thread-safe.
class FakeWebSocket final : public net::server::WebSocket {
 public:
  using net::server::WebSocket::Close;

  bool Send(std::shared_ptr<const std::string> text) override {
    base::MutexLock lock(&mu_);
    if (is_closed_) return false;
    messages_.push_back(*text);
    sent_.SignalAll();
    return true;
  }
  void Close(uint16_t /*code*/, std::string_view /*reason*/) override {
    base::MutexLock lock(&mu_);
    is_closed_ = true;
  }

  std::vector<std::string> messages() const {
    base::MutexLock lock(&mu_);
    return messages_;
  }
  // Waits until there are so many, for much longer than any take; returns all.
  std::vector<std::string> Await(size_t count) {
    base::MutexLock lock(&mu_);
    while (messages_.size() < count) {
      if (sent_.WaitFor(&mu_, std::chrono::seconds(60))) break;
    }
    return messages_;
  }

 private:
  mutable base::Mutex mu_;
  base::CondVar sent_;
  bool is_closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
