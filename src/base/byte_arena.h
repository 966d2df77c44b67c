#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace muster::base {

// Append-only storage for byte strings whose addresses never move. Memory goes back all at once,
// when the arena dies. Consecutive appends lie next to each other while they fit into one chunk.
// Not thread-safe.
class ByteArena {
 public:
  // Chunks double from the first to the largest size. A longer string gets a chunk of its own size.
  static constexpr size_t kFirstChunkBytes = 4 * 1024;
  static constexpr size_t kLargestChunkBytes = 64 * 1024;

  ByteArena() = default;
  ByteArena(const ByteArena&) = delete;
  ByteArena& operator=(const ByteArena&) = delete;

  // Copies `head` followed by `tail` as one string and returns the copy.
  std::string_view Append(std::string_view head, std::string_view tail);

  // Forgets the latest append, which must be `last`. Its room is used again.
  void Undo(std::string_view last);

  // Bytes allocated, used or not.
  size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  char* Reserve(size_t bytes);

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t allocated_bytes_ = 0;
};

}  // namespace muster::base
