#include "store/redis/scripts.h"

#include <string_view>

#include "base/strings.h"

namespace muster::store::redis {
namespace {

// What all scripts have in common.
constexpr std::string_view kPrelude = R"(
local requests, revisions, expiries, pending, servers, settings, last_revision, last_fence, lease =
    unpack(KEYS)

-- The next number of a count. It begins with the time in microseconds: a server that comes back
-- empty gives no number again that somebody may remember.
local function next_number(count)
  if redis.call('EXISTS', count) == 0 then
    local now = redis.call('TIME')
    redis.call('SET', count, string.format('%.0f', now[1] * 1000000 + now[2]))
  end
  return string.format('%.0f', redis.call('INCR', count))
end

-- '0' when there is no record, 'unknown' when it is none of ours.
local function revision_of(record)
  if not record then return '0' end
  return string.match(record, '^{"revision":(%d+),') or 'unknown'
end

local function put(client, record, expiry, is_pending)
  local revision = next_number(last_revision)
  redis.call('HSET', requests, client, '{"revision":' .. revision .. ',' .. string.sub(record, 2))
  redis.call('ZADD', revisions, revision, client)
  redis.call('ZADD', expiries, expiry, client)
  redis.call(is_pending == '1' and 'SADD' or 'SREM', pending, client)
  return revision
end

local function remove(client)
  redis.call('HDEL', requests, client)
  redis.call('ZREM', revisions, client)
  redis.call('ZREM', expiries, client)
  redis.call('SREM', pending, client)
end
)";

constexpr std::string_view kWrite = R"(
local client, replaced, record, expiry, is_pending, max_pending, unreadable = unpack(ARGV)
local present = redis.call('HGET', requests, client)
if revision_of(present) ~= replaced and present ~= unreadable then
  return {'conflict', present or ''}
end
if is_pending == '1' and redis.call('SISMEMBER', pending, client) == 0 and
   redis.call('SCARD', pending) >= tonumber(max_pending) then
  return {'full'}
end
return {'written', put(client, record, expiry, is_pending)}
)";

constexpr std::string_view kAfter = R"(
local found = redis.call('ZRANGEBYSCORE', revisions, '(' .. ARGV[1], '+inf', 'WITHSCORES',
                         'LIMIT', 0, ARGV[2])
local rows = {}
for i = 1, #found, 2 do
  rows[#rows + 1] = {found[i], found[i + 1], redis.call('HGET', requests, found[i])}
end
return rows
)";

constexpr std::string_view kExpired = R"(
local rows = {}
for _, client in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', ARGV[1],
                                   'LIMIT', 0, ARGV[2])) do
  rows[#rows + 1] = {client, redis.call('HGET', requests, client)}
end
return rows
)";

constexpr std::string_view kRemoveUnreadable = R"(
local client, record = unpack(ARGV)
if (redis.call('HGET', requests, client) or '') == record then remove(client) end
)";

constexpr std::string_view kCommit = R"(
local fence = ARGV[1]
if redis.call('GET', lease) ~= fence then return false end

local at = 1
local function take(count_of_args)
  at = at + count_of_args
  return unpack(ARGV, at - count_of_args + 1, at)
end
local function has_revision(client, revision)
  return revision_of(redis.call('HGET', requests, client)) == revision
end

local written = {}
for i = 1, tonumber(take(1)) do
  local client, replaced, record, expiry, is_pending = take(5)
  written[i] = has_revision(client, replaced) and put(client, record, expiry, is_pending) or '0'
end
for _ = 1, tonumber(take(1)) do
  local client, revision = take(2)
  if has_revision(client, revision) then remove(client) end
end
for _ = 1, tonumber(take(1)) do
  redis.call('HSET', servers, take(2))
end
for _ = 1, tonumber(take(1)) do
  redis.call('HDEL', servers, take(1))
end
return written
)";

constexpr std::string_view kAcquireLease = R"(
if redis.call('EXISTS', lease) == 1 then return false end
local fence = next_number(last_fence)
redis.call('SET', lease, fence, 'PX', ARGV[1])
return fence
)";

constexpr std::string_view kRenewLease = R"(
if redis.call('GET', lease) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', lease, ARGV[2])
)";

constexpr std::string_view kReleaseLease = R"(
if redis.call('GET', lease) == ARGV[1] then redis.call('DEL', lease) end
)";

constexpr std::string_view kSetting = R"(
redis.call('HSETNX', settings, ARGV[1], ARGV[2])
return redis.call('HGET', settings, ARGV[1])
)";

RedisScript Script(std::string_view body) { return {base::StrCat(kPrelude, body)}; }

}  // namespace

const RedisScript& Scripts::Write() {
  static const RedisScript script = Script(kWrite);
  return script;
}

const RedisScript& Scripts::After() {
  static const RedisScript script = Script(kAfter);
  return script;
}

const RedisScript& Scripts::Expired() {
  static const RedisScript script = Script(kExpired);
  return script;
}

const RedisScript& Scripts::RemoveUnreadable() {
  static const RedisScript script = Script(kRemoveUnreadable);
  return script;
}

const RedisScript& Scripts::Commit() {
  static const RedisScript script = Script(kCommit);
  return script;
}

const RedisScript& Scripts::AcquireLease() {
  static const RedisScript script = Script(kAcquireLease);
  return script;
}

const RedisScript& Scripts::RenewLease() {
  static const RedisScript script = Script(kRenewLease);
  return script;
}

const RedisScript& Scripts::ReleaseLease() {
  static const RedisScript script = Script(kReleaseLease);
  return script;
}

const RedisScript& Scripts::Setting() {
  static const RedisScript script = Script(kSetting);
  return script;
}

}  // namespace muster::store::redis
