#include "tests/gameserver/stream_reader.h"

#include <memory>

#include "hiredis/hiredis.h"

namespace muster::gameserver {
namespace {

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, Free>;

template <typename... Args>
Reply Command(redisContext* context, const char* format, Args... args) {
  return Reply(static_cast<redisReply*>(redisCommand(context, format, args...)));
}

// An entry is its id and its fields.
std::string Describe(const redisReply& entry) {
  const redisReply& fields = *entry.element[1];
  std::string text;
  for (size_t i = 0; i + 1 < fields.elements; i += 2) {
    if (i > 0) text += ' ';
    text.append(fields.element[i]->str, fields.element[i]->len).append("=");
    text.append(fields.element[i + 1]->str, fields.element[i + 1]->len);
  }
  return text;
}

}  // namespace

std::vector<std::string> ReadStream(int port, int database, const std::string& password) {
  const std::unique_ptr<redisContext, Free> context(redisConnect("127.0.0.1", port));
  if (context == nullptr || context->err != 0) return {};
  if (!password.empty()) Command(context.get(), "AUTH %s", password.c_str());
  Command(context.get(), "SELECT %d", database);
  const Reply reply = Command(context.get(), "XRANGE game_event_stream - +");
  std::vector<std::string> entries;
  if (reply == nullptr || reply->type != REDIS_REPLY_ARRAY) return entries;
  entries.reserve(reply->elements);
  for (size_t i = 0; i < reply->elements; ++i) entries.push_back(Describe(*reply->element[i]));
  return entries;
}

}  // namespace muster::gameserver
