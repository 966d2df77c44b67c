#include "store/redis/redis_connection.h"

#include <cerrno>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "hiredis/hiredis.h"

namespace muster::store::redis {
namespace {

timeval ToTimeval(std::chrono::milliseconds timeout) {
  return {.tv_sec = timeout.count() / 1000, .tv_usec = timeout.count() % 1000 * 1000};
}

RedisArgs EvalCommand(const char* name, const std::string& script, const RedisArgs& keys,
                      const RedisArgs& args) {
  RedisArgs command;
  command.reserve(3 + keys.size() + args.size());
  command.emplace_back(name);
  command.push_back(script);
  command.push_back(std::to_string(keys.size()));
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), args.begin(), args.end());
  return command;
}

// Whether the server does not work for us now: a replica, one that loads its data, one that waits
// for its master, or one at which our rights have changed.
bool IsTurnedAway(const RedisValue& reply) {
  if (!reply.is_error()) return false;
  const absl::string_view text = base::ToAbsl(reply.text());
  for (const char* code : {"READONLY", "LOADING", "MASTERDOWN", "NOAUTH", "NOPERM"}) {
    // Before Redis 7 the error of a script's call comes after a text about the script.
    if (absl::StartsWith(text, code) || absl::StrContains(text, base::StrCat(" -", code, " "))) {
      return true;
    }
  }
  return false;
}

bool IsUnknownScript(const RedisValue& reply) {
  return reply.is_error() && absl::StartsWith(base::ToAbsl(reply.text()), "NOSCRIPT");
}

}  // namespace

void RedisConnection::Deleter::operator()(redisContext* context) const { redisFree(context); }

absl::StatusOr<std::unique_ptr<RedisConnection>> RedisConnection::Open(const Options& options) {
  redisContext* context = redisConnectWithTimeout(
      options.address.host.c_str(), options.address.port, ToTimeval(options.connect_timeout));
  // The constructor is not for make_unique, which could not reach it; the pointer owns it at once.
  std::unique_ptr<RedisConnection> connection(new RedisConnection(options, context));
  MUSTER_RETURN_IF_ERROR(connection->Prepare(options.address));
  return connection;
}

RedisConnection::RedisConnection(const Options& options, redisContext* context)
    : name_(base::StrCat("redis at ",
                         base::JoinHostPort(options.address.host, options.address.port))),
      timeout_(options.call_timeout),
      context_(context) {}

RedisConnection::~RedisConnection() = default;

absl::Status RedisConnection::Prepare(const net::RedisAddress& address) {
  if (context_ == nullptr) return Error("out of memory");
  if (context_->err != 0) return Error(base::StrCat("cannot connect: ", context_->errstr));
  MUSTER_RETURN_IF_ERROR(SetTimeout(timeout_));
  // Finds connections that a machine between forgot; without it they only end a little later.
  redisEnableKeepAlive(context_.get());
  if (!address.user.empty()) {
    MUSTER_RETURN_IF_ERROR(Call({"AUTH", address.user, address.password}).status());
  } else if (!address.password.empty()) {
    MUSTER_RETURN_IF_ERROR(Call({"AUTH", address.password}).status());
  }
  if (address.database != 0) {
    MUSTER_RETURN_IF_ERROR(Call({"SELECT", std::to_string(address.database)}).status());
  }
  // The kernel takes connections also for a process that hangs.
  return Call({"PING"}).status();
}

absl::StatusOr<RedisReply> RedisConnection::Call(const RedisArgs& command) {
  MUSTER_RETURN_IF_ERROR(Add(command));
  MUSTER_ASSIGN_OR_RETURN(RedisReply reply, Receive());
  if (reply.value().is_error()) return Error(reply.value().text());
  return reply;
}

absl::StatusOr<RedisReply> RedisConnection::Eval(const RedisScript& script, const RedisArgs& keys,
                                                 const RedisArgs& args) {
  MUSTER_ASSIGN_OR_RETURN(const std::string hash, Load(script));
  MUSTER_RETURN_IF_ERROR(Add(EvalCommand("EVALSHA", hash, keys, args)));
  MUSTER_ASSIGN_OR_RETURN(RedisReply reply, Receive());
  if (IsUnknownScript(reply.value())) return Call(EvalCommand("EVAL", script.text, keys, args));
  if (reply.value().is_error()) return Error(reply.value().text());
  return reply;
}

absl::StatusOr<std::string> RedisConnection::Load(const RedisScript& script) {
  for (const auto& [known, hash] : hashes_) {
    if (known == &script) return hash;
  }
  MUSTER_ASSIGN_OR_RETURN(const RedisReply reply, Call({"SCRIPT", "LOAD", script.text}));
  return hashes_.emplace_back(&script, reply.value().text()).second;
}

absl::Status RedisConnection::Add(const RedisArgs& command) {
  std::vector<const char*> parts;
  std::vector<size_t> lengths;
  parts.reserve(command.size());
  lengths.reserve(command.size());
  for (const std::string& part : command) {
    parts.push_back(part.data());
    lengths.push_back(part.size());
  }
  const int added = redisAppendCommandArgv(context_.get(), static_cast<int>(command.size()),
                                           parts.data(), lengths.data());
  return added == REDIS_OK ? absl::OkStatus() : Lost();
}

absl::StatusOr<RedisReply> RedisConnection::Receive() {
  // What the reader still holds may be the reply to another call.
  if (context_->err != 0) return Error("the connection broke before");
  void* received = nullptr;
  if (redisGetReply(context_.get(), &received) != REDIS_OK) return Lost();
  RedisReply reply(static_cast<redisReply*>(received));
  if (IsTurnedAway(reply.value())) turned_away_ = true;
  return reply;
}

absl::StatusOr<std::optional<RedisReply>> RedisConnection::ReceiveIfAny() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) == REDIS_OK) {
    return std::optional<RedisReply>(RedisReply(static_cast<redisReply*>(reply)));
  }
  if (context_->err != REDIS_ERR_IO || errno != EAGAIN) return Lost();
  // hiredis counts the silence as an error that stays, though its reader has lost nothing.
  context_->err = 0;
  context_->errstr[0] = '\0';
  return std::optional<RedisReply>();
}

absl::Status RedisConnection::SetTimeout(std::chrono::milliseconds timeout) {
  timeout_ = timeout;
  return redisSetTimeout(context_.get(), ToTimeval(timeout)) == REDIS_OK ? absl::OkStatus()
                                                                         : Lost();
}

bool RedisConnection::broken() const { return context_->err != 0 || turned_away_; }

absl::Status RedisConnection::Lost() const {
  if (context_->err == REDIS_ERR_IO && errno == EAGAIN) {
    return Error(base::StrCat("no answer within ", timeout_.count(), " ms"));
  }
  return Error(base::StrCat("the connection broke: ", context_->errstr));
}

absl::Status RedisConnection::Error(std::string_view why) const {
  return absl::UnavailableError(base::StrCat(name_, ": ", why));
}

}  // namespace muster::store::redis
