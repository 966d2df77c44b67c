#include "net/server/admission.h"

#include "base/clock.h"

namespace muster::net::server {

std::optional<Admission::Ticket> Admission::Enter(std::string peer) {
  const base::MutexLock lock(&mutex_);
  if (connections_ >= limits_.connections) return std::nullopt;
  if (limits_.per_peer > 0) {
    size_t& of_peer = per_peer_[peer];
    if (of_peer >= limits_.per_peer) return std::nullopt;
    ++of_peer;
  }
  ++connections_;
  return std::make_optional<Ticket>(*this, std::move(peer));
}

void Admission::Leave(std::string_view peer) {
  const base::MutexLock lock(&mutex_);
  if (--connections_ == 0) left_.SignalAll();
  const auto of_peer = per_peer_.find(peer);
  if (of_peer != per_peer_.end() && --of_peer->second == 0) per_peer_.erase(of_peer);
}

size_t Admission::connections() const {
  const base::MutexLock lock(&mutex_);
  return connections_;
}

void Admission::WaitUntilEmpty(std::chrono::milliseconds timeout) {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime deadline = clock.MonotonicNow() + timeout;
  const base::MutexLock lock(&mutex_);
  while (connections_ > 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.MonotonicNow());
    if (left <= std::chrono::milliseconds(0)) return;
    left_.WaitFor(&mutex_, left);
  }
}

}  // namespace muster::net::server
