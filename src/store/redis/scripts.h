#pragma once

#include "store/redis/redis_connection.h"

// The steps of the store that must be seen whole or not at all, as scripts: the server runs one at
// a time.
namespace muster::store::redis {

// Keys of all scripts, in this order:
//   requests     hash, client id -> record as JSON
//   revisions    sorted set of client ids by the revision of their record
//   expiries     sorted set of client ids by the time their record expires, ms since 1970
//   pending      set of the client ids whose request waits for a server
//   servers      hash, server id -> record as JSON
//   settings     hash, name -> value
//   revision     the one that was given last
//   fence        the one that was given last
//   lease:NAME   the lease's fence; goes by itself when its time has run out
// A client id is a field or a member, never a part of a key. Records of requests begin with their
// revision, which is put there by the scripts; the caller gives them without one.
//
// For want of memory or disk Redis refuses a script before its first write: none is half done.
struct Scripts {
  // client, revision to replace ("0": none), record, its expiry, "1" if it is pending, bound of
  // pending ones, a record to count as none (it cannot be read) -> {outcome, text}: "written" and
  // the new revision, "conflict" and the record that is there, or "full".
  static const RedisScript& Write();
  // revision, limit -> client, revision and record of those with a greater revision, in its order.
  static const RedisScript& After();
  // time, limit -> client and record of those that expire then or before, in that order.
  static const RedisScript& Expired();
  // client, record -> removes that record, and whatever else is known of the client.
  static const RedisScript& RemoveUnreadable();
  // fence, then lists with their length before them: requests (client, revision to replace, record,
  // expiry, pending), removed requests (client, revision), servers (id, record), removed servers
  // (id) -> nothing when the lease has another fence; else the new revision of each request, "0"
  // where another record was in the way.
  static const RedisScript& Commit();
  // ttl in ms -> the fence; nothing while somebody holds it.
  static const RedisScript& AcquireLease();
  // fence, ttl in ms -> 1, or 0 when it is not the present one.
  static const RedisScript& RenewLease();
  // fence.
  static const RedisScript& ReleaseLease();
  // name, initial value -> the value.
  static const RedisScript& Setting();
};

}  // namespace muster::store::redis
