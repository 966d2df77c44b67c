#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "net/redis_url.h"
#include "store/redis/redis_reply.h"

// Of hiredis.
struct redisContext;

namespace muster::store::redis {

using RedisArgs = std::vector<std::string>;

// A Lua script, which lives as long as the program. The server keeps it under its hash.
struct RedisScript {
  std::string text;
};

// One connection to a Redis server. All errors are UNAVAILABLE and name host and port, never user
// or password. hiredis writes without MSG_NOSIGNAL: the program ignores SIGPIPE. Not thread-safe.
class RedisConnection {
 public:
  struct Options {
    net::RedisAddress address;
    // A server one wants to work with is in the same data centre. The look-up of the host's name
    // has the system's own limit.
    std::chrono::milliseconds connect_timeout{1'000};
    // Of one call. A server that is busy with a large script, or swaps, may take long; who waits
    // for the answer does not wait for ever.
    std::chrono::milliseconds call_timeout{2'000};
  };

  // Connects, logs in when there is a user or a password, chooses the database, and sees that the
  // server answers.
  static absl::StatusOr<std::unique_ptr<RedisConnection>> Open(const Options& options);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // Sends a command and waits for its reply. An error of the server is an error.
  absl::StatusOr<RedisReply> Call(const RedisArgs& command);
  // Runs the script by its hash; its text is sent only when the server has it not.
  absl::StatusOr<RedisReply> Eval(const RedisScript& script, const RedisArgs& keys,
                                  const RedisArgs& args);

  // Several commands at once: what was added goes out with the first Receive. Then there is to be
  // one Receive for each. An error of the server is a reply.
  absl::Status Add(const RedisArgs& command);
  absl::StatusOr<RedisReply> Receive();

  // For a stream of messages that nobody asked for: the next one; nothing when none came within the
  // timeout, which does no harm.
  absl::StatusOr<std::optional<RedisReply>> ReceiveIfAny();
  // Of each wait from now on.
  absl::Status SetTimeout(std::chrono::milliseconds timeout);

  // To be closed. After a call without an answer its reply may still come, and would be taken for
  // that of the next call: no call succeeds any more. Or the server has said that it is not the one
  // to work with, or not yet; by the same name there may be another one now.
  bool broken() const;

 private:
  struct Deleter {
    void operator()(redisContext* context) const;
  };

  RedisConnection(const Options& options, redisContext* context);
  absl::Status Prepare(const net::RedisAddress& address);
  // The hash under which the server keeps the script.
  absl::StatusOr<std::string> Load(const RedisScript& script);
  absl::Status Lost() const;
  absl::Status Error(std::string_view why) const;

  // "redis at host:port".
  const std::string name_;
  std::chrono::milliseconds timeout_;
  const std::unique_ptr<redisContext, Deleter> context_;
  // The server has said so; see broken().
  bool turned_away_ = false;
  // Those that were run here; a handful.
  std::vector<std::pair<const RedisScript*, std::string>> hashes_;
};

}  // namespace muster::store::redis
