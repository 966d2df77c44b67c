#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/server/message.h"

namespace muster::net::server {

// Reads one request after the other off a stream of bytes, HTTP/1.0 and 1.1. Stricter than RFC 9112
// asks: whatever two readers could understand differently is malformed, for example two lengths.
// Not thread-safe.
class RequestParser {
 public:
  struct Limits {
    size_t max_head_bytes = 0;
    size_t max_body_bytes = 0;
  };
  enum class Progress {
    kNeedMore,
    // The head is whole and a body follows. Told once a request.
    kHead,
    kDone,
    kMalformed,
    kHeadTooLong,
    kBodyTooLong,
  };

  explicit RequestParser(Limits limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Takes from the front of `bytes` what it can and removes it there. The bytes that it leaves with
  // kNeedMore come again, with more behind them.
  Progress Parse(std::string_view& bytes);
  // Makes ready for the next request.
  void Reset();

  // Whether a byte of the current request was seen.
  bool started() const;
  // What is wrong, after kMalformed.
  const std::string& problem() const;

  // The following are known from kHead on.
  bool keep_alive() const;
  // The client is of HTTP/1.0.
  bool is_old() const;
  // It waits for "100 Continue" before it sends the body.
  bool expects_continue() const;

  // Whole after kDone. `peer` is left empty.
  Request& request();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace muster::net::server
