#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace muster::rpc {

// What one caller may cost the server.
struct CallLimits {
  // Bytes of one message; the value callers and servers of this contract use everywhere.
  size_t max_message_bytes = 4 * 1024 * 1024;
  // Tickets of one stream, backfill tickets among them; ten times the largest pool we measured.
  int64_t max_stream_tickets = 1'000'000;
  // Wire bytes of one stream.
  size_t max_stream_bytes = 512 * 1024 * 1024;
  // Streams open at once.
  int64_t max_streams = 1000;
  // Wire bytes held for all open streams together.
  size_t max_buffered_bytes = size_t{4} * 1024 * 1024 * 1024;
  // Answers of one stream that wait to be written; while there are more, nothing is read.
  size_t max_pending_writes = 64;
  // A stream on which nothing moves for this long is ended.
  std::chrono::milliseconds stream_silence{60'000};
};

}  // namespace muster::rpc
