#include "store/redis/redis_store.h"

#include <optional>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "tests/store/redis/redis_fixture.h"
#include "tests/store/store_contract.h"
#include "tests/support/status_matchers.h"

// What the contract does not say: keys, records that are none, and bounds.
namespace muster::store::redis {
namespace {

using lobby::Lease;
using lobby::Request;
using std::chrono::milliseconds;
using std::chrono::minutes;
using support::IsOk;
using support::RedisServer;
using support::StatusIs;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

class RedisStoreTest : public testing::Test {
 protected:
  std::string Key(const std::string& name) const { return prefix_ + name; }
  std::string AskShared(const RedisArgs& command) { return Ask(SharedServer(), command); }
  // What is in the store for a client, as somebody else wrote it.
  void SetRecord(const std::string& client, const std::string& record) {
    AskShared({"HSET", Key("requests"), client, record});
  }
  Request Write(const std::string& client) { return *store_.WriteRequest(FullRequest(client)); }
  auto ClientIs(const std::string& client) { return Field(&Request::client_id, client); }

  const std::string prefix_ = NewPrefix();
  RedisStore store_{StoreOn(SharedServer(), prefix_), base::Clock::System()};
};

TEST_F(RedisStoreTest, TouchesNoKeyWithoutItsPrefix) {
  RedisServer server;
  RedisStore store(StoreOn(server, "own:"), base::Clock::System());
  for (const char* client : {"queue", "own:requests", "lease:fleet", "*", "{a}", "..\n"}) {
    ASSERT_THAT(store.WriteRequest(FullRequest(client)), IsOk());
  }
  const Lease lease = **store.AcquireLease("fleet", minutes(1));
  ASSERT_THAT(store.Commit(lease, {.servers = {FullServer("s-1")}}), IsOk());
  ASSERT_THAT(store.Setting("secret", "1"), IsOk());
  ASSERT_THAT(store.Check(), IsOk());

  const std::string keys = Ask(
      server,
      {"EVAL", "local k = redis.call('KEYS', '*') table.sort(k) return table.concat(k, ' ')", "0"});

  EXPECT_EQ(keys,
            "own:check own:expiries own:fence own:lease:fleet own:pending own:requests "
            "own:revision own:revisions own:servers own:settings");
}

TEST_F(RedisStoreTest, ClientIdsThatLookLikeKeysAreClientsLikeOthers) {
  for (const char* client : {"queue", "muster:requests", "requests", "lease:fleet"}) {
    const Request written = Write(client);

    EXPECT_THAT(*store_.FindRequest(client), Optional(written));
  }
  EXPECT_EQ(store_.RequestsAfter(0, 10)->size(), 4U);
}

TEST_F(RedisStoreTest, TwoPrefixesAreTwoStores) {
  RedisStore other(StoreOn(SharedServer(), NewPrefix()), base::Clock::System());
  Write("alice");

  EXPECT_EQ(*other.FindRequest("alice"), std::nullopt);
}

TEST_F(RedisStoreTest, ARecordThatCannotBeReadHarmsItsClientOnly) {
  for (const char* client : {"alice", "bob", "carol"}) Write(client);
  SetRecord("bob", "{broken");

  EXPECT_EQ(*store_.FindRequest("bob"), std::nullopt);

  EXPECT_THAT(*store_.FindRequest("alice"), Optional(ClientIs("alice")));
  EXPECT_THAT(*store_.RequestsAfter(0, 2), ElementsAre(ClientIs("alice"), ClientIs("carol")));
  EXPECT_EQ(store_.unreadable_records(), 2);
}

TEST_F(RedisStoreTest, ItsClientOverwritesARecordThatCannotBeRead) {
  const Request stolen = Write("bob");
  const std::string of_bob = AskShared({"HGET", Key("requests"), "bob"});
  for (const std::string& record :
       {std::string("{broken"), std::string("{}"), std::string("{\"revision\":1,x"), of_bob}) {
    Write("alice-" + record);
    SetRecord("alice-" + record, record);

    const Request written = Write("alice-" + record);

    EXPECT_THAT(*store_.FindRequest("alice-" + record), Optional(written)) << record;
  }
  EXPECT_THAT(*store_.FindRequest("bob"), Optional(stolen));
}

TEST_F(RedisStoreTest, AWriterOfAnOlderRevisionDoesNotOverwriteARecordThatCannotBeRead) {
  const Request before = Write("alice");
  SetRecord("alice", "{broken");

  EXPECT_THAT(store_.WriteRequest(before),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("alice")));
}

TEST_F(RedisStoreTest, RecordsThatCannotBeReadGoWhenTheyExpire) {
  const Request alice = Write("alice");
  for (const char* client : {"bob", "carol"}) Write(client);
  SetRecord("alice", "{broken");
  AskShared({"HDEL", Key("requests"), "bob"});

  const auto expired = store_.ExpiredRequests(alice.expires_at, 1);

  EXPECT_THAT(*expired, ElementsAre(ClientIs("carol")));
  for (const char* name : {"revisions", "expiries"}) {
    EXPECT_EQ(AskShared({"ZCARD", Key(name)}), "1") << name;
  }
  EXPECT_EQ(AskShared({"SCARD", Key("pending")}), "1");
}

TEST_F(RedisStoreTest, AServerThatCannotBeReadHarmsNoOther) {
  const Lease lease = **store_.AcquireLease("fleet", minutes(1));
  ASSERT_THAT(store_.Commit(lease, {.servers = {FullServer("s-1"), FullServer("s-2")}}), IsOk());
  AskShared({"HSET", Key("servers"), "s-1", "[]"});

  EXPECT_THAT(*store_.Servers(), ElementsAre(FullServer("s-2")));
  EXPECT_EQ(store_.unreadable_records(), 1);
}

TEST_F(RedisStoreTest, AServerThatComesBackEmptyRepeatsNoNumber) {
  RedisServer server;
  RedisStore store(StoreOn(server, "own:"), base::Clock::System());
  const int64_t revision = store.WriteRequest(FullRequest("alice"))->revision;
  const int64_t fence = (*store.AcquireLease("fleet", minutes(1)))->fence;
  Ask(server, {"FLUSHALL"});

  EXPECT_GT(store.WriteRequest(FullRequest("alice"))->revision, revision);
  EXPECT_GT((*store.AcquireLease("fleet", minutes(1)))->fence, fence);
}

TEST_F(RedisStoreTest, ALeaseIsOverWithoutAnybodysHelp) {
  const Lease first = **store_.AcquireLease("fleet", milliseconds(20));

  std::optional<Lease> second;
  ASSERT_TRUE(Await([&] {
    second = *store_.AcquireLease("fleet", minutes(1));
    return second.has_value();
  }));

  EXPECT_GT(second->fence, first.fence);
  EXPECT_THAT(store_.RenewLease(first, minutes(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("lease fleet")));
}

TEST_F(RedisStoreTest, AFullServerIsUnavailableAndKeepsWhatItHas) {
  RedisServer server;
  RedisStore store(StoreOn(server, "own:"), base::Clock::System());
  const Request before = *store.WriteRequest(FullRequest("alice"));
  const Lease lease = **store.AcquireLease("fleet", minutes(1));
  Ask(server, {"CONFIG", "SET", "maxmemory", "1"});

  const auto is_full = StatusIs(absl::StatusCode::kUnavailable, HasSubstr("OOM"));
  EXPECT_THAT(store.WriteRequest(before), is_full);
  EXPECT_THAT(store.Commit(lease, {.requests = {before}}), is_full);
  EXPECT_THAT(store.Check(), is_full);

  EXPECT_THAT(*store.FindRequest("alice"), Optional(before));
  EXPECT_THAT(*store.RequestsAfter(0, 10), ElementsAre(before));
}

}  // namespace
}  // namespace muster::store::redis
