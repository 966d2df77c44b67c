#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "boost/asio/buffer.hpp"

namespace muster::net::server {

// Bytes that were read and not yet parsed. Grows when it is full, up to a limit. Not thread-safe.
class InputBuffer {
 public:
  // Most requests fit; a connection that waits holds no more.
  static constexpr size_t kFirstSize = 2048;

  explicit InputBuffer(size_t max_size) : max_size_(std::max(max_size, kFirstSize)) {}

  std::string_view unread() const { return {data_.get() + begin_, end_ - begin_}; }
  // The last `left` bytes stay.
  void ConsumeTo(size_t left) { begin_ = end_ - left; }

  // Room to read into; empty when the buffer is full of bytes that nobody consumed.
  boost::asio::mutable_buffer Room() {
    const size_t unread = end_ - begin_;
    if (unread == 0) begin_ = end_ = 0;
    if (end_ == size_) Grow(unread);
    return {data_.get() + end_, size_ - end_};
  }
  void Commit(size_t bytes) { end_ += bytes; }

  // Gives memory back, if nothing is unread.
  void Shrink() {
    if (size_ == kFirstSize || begin_ != end_) return;
    data_.reset();
    size_ = begin_ = end_ = 0;
  }

 private:
  void Grow(size_t unread) {
    const size_t new_size = begin_ > 0 ? size_ : std::clamp(size_ * 2, kFirstSize, max_size_);
    std::unique_ptr<char[]> grown = std::make_unique_for_overwrite<char[]>(new_size);
    std::copy_n(data_.get() + begin_, unread, grown.get());
    data_ = std::move(grown);
    size_ = new_size;
    begin_ = 0;
    end_ = unread;
  }

  const size_t max_size_;
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace muster::net::server
