#include "base/byte_arena.h"

#include <algorithm>

#include "absl/base/macros.h"

namespace muster::base {

std::string_view ByteArena::Append(std::string_view head, std::string_view tail) {
  const size_t bytes = head.size() + tail.size();
  char* const start = Reserve(bytes);
  char* const end = std::copy(head.begin(), head.end(), start);
  std::copy(tail.begin(), tail.end(), end);
  return {start, bytes};
}

void ByteArena::Undo(std::string_view last) {
  ABSL_ASSERT(next_ == last.data() + last.size());
  next_ -= last.size();
  left_ += last.size();
}

char* ByteArena::Reserve(size_t bytes) {
  if (bytes > left_) {
    const size_t usual = std::clamp(allocated_bytes_, kFirstChunkBytes, kLargestChunkBytes);
    const size_t chunk_bytes = std::max(bytes, usual);
    // make_unique would write zeros over the chunk first.
    chunks_.emplace_back(new char[chunk_bytes]);
    next_ = chunks_.back().get();
    left_ = chunk_bytes;
    allocated_bytes_ += chunk_bytes;
  }
  char* const start = next_;
  next_ += bytes;
  left_ -= bytes;
  return start;
}

}  // namespace muster::base
