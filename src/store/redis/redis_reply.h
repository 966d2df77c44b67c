#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

// Of hiredis.
struct redisReply;

namespace muster::store::redis {

// A part of a reply. Every question has an answer whatever the server sent: what is not there is
// nil, empty or 0. Lives as long as its RedisReply.
class RedisValue {
 public:
  explicit RedisValue(const redisReply* value) : value_(value) {}

  bool is_nil() const;
  bool is_error() const;
  // Of a string, a status or an error.
  std::string_view text() const;
  // Of a number, or of a string that is one.
  int64_t integer() const;
  // Elements of an array.
  size_t size() const;
  RedisValue operator[](size_t index) const;

 private:
  const redisReply* value_;
};

// Owns a reply.
class RedisReply {
 public:
  explicit RedisReply(redisReply* reply) : reply_(reply) {}

  RedisValue value() const { return RedisValue(reply_.get()); }

 private:
  struct Deleter {
    void operator()(redisReply* reply) const;
  };
  std::unique_ptr<redisReply, Deleter> reply_;
};

}  // namespace muster::store::redis
