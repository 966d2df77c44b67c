#include "store/redis/redis_reply.h"

#include "absl/strings/numbers.h"
#include "base/strings.h"
#include "hiredis/hiredis.h"

namespace muster::store::redis {

bool RedisValue::is_nil() const { return value_ == nullptr || value_->type == REDIS_REPLY_NIL; }

bool RedisValue::is_error() const { return value_ != nullptr && value_->type == REDIS_REPLY_ERROR; }

std::string_view RedisValue::text() const {
  if (value_ == nullptr || value_->str == nullptr) return {};
  return {value_->str, value_->len};
}

int64_t RedisValue::integer() const {
  if (value_ == nullptr) return 0;
  if (value_->type == REDIS_REPLY_INTEGER) return value_->integer;
  int64_t number = 0;
  return absl::SimpleAtoi(base::ToAbsl(text()), &number) ? number : 0;
}

size_t RedisValue::size() const {
  return value_ != nullptr && value_->type == REDIS_REPLY_ARRAY ? value_->elements : 0;
}

RedisValue RedisValue::operator[](size_t index) const {
  return RedisValue(index < size() ? value_->element[index] : nullptr);
}

void RedisReply::Deleter::operator()(redisReply* reply) const { freeReplyObject(reply); }

}  // namespace muster::store::redis
