#include "net/server/socket_queue.h"

#include <utility>

namespace muster::net::server {
namespace {

// RFC 6455, section 5.5: a control frame has 125 bytes, two of them are the code.
constexpr size_t kMaxReason = 123;

// Cut to what fits, not in the middle of a character.
std::string FittingReason(std::string_view reason) {
  if (reason.size() <= kMaxReason) return std::string(reason);
  size_t end = kMaxReason;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;
  return std::string(reason.substr(0, end));
}

}  // namespace

bool SocketQueue::Send(std::shared_ptr<const std::string> text) {
  const base::MutexLock lock(&mutex_);
  if (closed_) return false;
  if (texts_.size() < max_texts_) {
    texts_.push_back(std::move(text));
  } else {
    closed_ = true;
    texts_.clear();
    closing_ = Closing{.code = static_cast<uint16_t>(CloseCode::kTryAgainLater),
                       .reason = "reads too slowly",
                       .overflow = true};
  }
  Wake();
  return !closed_;
}

void SocketQueue::Close(uint16_t code, std::string_view reason) {
  const base::MutexLock lock(&mutex_);
  if (closed_) return;
  closed_ = true;
  closing_ = Closing{.code = code, .reason = FittingReason(reason)};
  Wake();
}

void SocketQueue::Wake() {
  if (std::exchange(awake_, true)) return;
  thread_->Post([self = shared_from_this()] {
    if (self->sender_ != nullptr) self->sender_->OnQueued();
  });
}

SocketQueue::Item SocketQueue::Take() {
  const base::MutexLock lock(&mutex_);
  Item item;
  if (!texts_.empty()) {
    item.text = std::move(texts_.front());
    texts_.pop_front();
  } else if (closing_) {
    item.closing = std::exchange(closing_, std::nullopt);
  } else {
    awake_ = false;
  }
  return item;
}

void SocketQueue::End() {
  sender_ = nullptr;
  const base::MutexLock lock(&mutex_);
  closed_ = true;
  closing_.reset();
  texts_.clear();
}

}  // namespace muster::net::server
