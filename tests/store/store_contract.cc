#include "tests/store/store_contract.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::store {

using lobby::Request;
using lobby::RequestState;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

namespace {

constexpr size_t kAll = 100'000;

std::vector<std::string> ClientsOf(const absl::StatusOr<std::vector<Request>>& requests) {
  EXPECT_THAT(requests, IsOk());
  std::vector<std::string> clients;
  if (!requests.ok()) return clients;
  clients.reserve(requests->size());
  for (const Request& request : *requests) clients.push_back(request.client_id);
  return clients;
}

base::Timestamp At(int64_t ms) { return base::Timestamp(std::chrono::milliseconds(ms)); }

}  // namespace

Request FullRequest(const std::string& client_id, RequestState state) {
  return {.client_id = client_id,
          .id = "0123456789abcdef0123456789abcdef",
          .state = state,
          .attempts = 2,
          .reason = "the server said: \"no\"\nand went",
          .place = {.server_id = "s-1",
                    .node = "node-1",
                    .node_address = "fd00::1",
                    .port = 65535,
                    .control_url = "http://[fd00::1]:3000"},
          .created_at = At(1'767'225'600'001),
          .changed_at = At(1'767'225'600'002),
          .expires_at = At(1'767'225'600'003),
          .retry_at = At(1'767'225'600'004)};
}

lobby::GameServer FullServer(const std::string& id) {
  return {.id = id,
          .state = lobby::ServerState::kReady,
          .place = {.server_id = id,
                    .node = "node-1",
                    .node_address = "10.0.0.1",
                    .port = 7777,
                    .control_url = "http://10.0.0.1:3000"},
          .version = "image@sha256:1",
          .slots = 4,
          .created_at = At(1'767'225'600'005)};
}

Request StoreContract::Write(const std::string& client_id, RequestState state) {
  const auto written = store().WriteRequest(FullRequest(client_id, state));
  EXPECT_THAT(written, IsOk());
  return written.ok() ? *written : Request{};
}

lobby::Lease StoreContract::Acquire(const std::string& name) {
  const auto lease = store().AcquireLease(name, std::chrono::minutes(10));
  EXPECT_THAT(lease, IsOk());
  EXPECT_TRUE(lease.ok() && lease->has_value()) << name;
  return lease.ok() && *lease ? **lease : lobby::Lease{};
}

TEST_P(StoreContract, GivesBackEveryFieldOfARequest) {
  const Request written = Write("alice");

  Request expected = FullRequest("alice");
  expected.revision = written.revision;
  EXPECT_EQ(written, expected);
  EXPECT_THAT(*store().FindRequest("alice"), Optional(expected));
  EXPECT_THAT(*under_test().other_replica().FindRequest("alice"), Optional(expected));
}

TEST_P(StoreContract, HasNothingForAClientThatNeverAsked) {
  Write("alice");

  const auto found = store().FindRequest("bob");

  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(*found, std::nullopt);
}

TEST_P(StoreContract, EveryWriteGivesTheNextRevision) {
  const Request alice = Write("alice");
  const Request bob = Write("bob");
  const auto again = store().WriteRequest(alice);

  ASSERT_THAT(again, IsOk());
  EXPECT_GT(alice.revision, 0);
  EXPECT_EQ(bob.revision, alice.revision + 1);
  EXPECT_EQ(again->revision, bob.revision + 1);
}

TEST_P(StoreContract, ReplacesTheRecordOfTheRevisionOnly) {
  const Request first = Write("alice");
  Request second = first;
  second.state = RequestState::kDone;
  const auto written = store().WriteRequest(second);
  ASSERT_THAT(written, IsOk());

  Request late = first;
  late.state = RequestState::kFailed;

  EXPECT_THAT(store().WriteRequest(late), StatusIs(absl::StatusCode::kAborted, HasSubstr("alice")));
  EXPECT_THAT(*store().FindRequest("alice"), Optional(*written));
}

TEST_P(StoreContract, RevisionZeroNeedsThatThereIsNone) {
  const Request first = Write("alice");

  const auto second = store().WriteRequest(FullRequest("alice"));

  EXPECT_THAT(second, StatusIs(absl::StatusCode::kAborted, HasSubstr("alice")));
  EXPECT_THAT(*store().FindRequest("alice"), Optional(first));
}

TEST_P(StoreContract, ARevisionNeedsThatThereIsOne) {
  Request request = FullRequest("alice");
  request.revision = 1;

  EXPECT_THAT(store().WriteRequest(request),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("alice")));
  EXPECT_EQ(*store().FindRequest("alice"), std::nullopt);
}

TEST_P(StoreContract, ARefusedWriteTakesNoRevision) {
  const Request alice = Write("alice");
  EXPECT_FALSE(store().WriteRequest(FullRequest("alice")).ok());

  EXPECT_EQ(Write("bob").revision, alice.revision + 1);
}

TEST_P(StoreContract, ListsRequestsInTheOrderOfTheirRevisions) {
  const Request alice = Write("alice");
  const Request bob = Write("bob");
  Write("carol");
  ASSERT_THAT(store().WriteRequest(alice), IsOk());

  EXPECT_THAT(ClientsOf(store().RequestsAfter(0, kAll)), ElementsAre("bob", "carol", "alice"));
  EXPECT_THAT(ClientsOf(store().RequestsAfter(bob.revision, kAll)), ElementsAre("carol", "alice"));
  EXPECT_THAT(ClientsOf(store().RequestsAfter(bob.revision - 1, 2)), ElementsAre("bob", "carol"));
  EXPECT_THAT(ClientsOf(store().RequestsAfter(bob.revision + 2, kAll)), IsEmpty());
  EXPECT_THAT(ClientsOf(store().RequestsAfter(0, 0)), IsEmpty());
}

TEST_P(StoreContract, ListsWholeRecords) {
  const Request alice = Write("alice");

  EXPECT_THAT(*store().RequestsAfter(0, 1), ElementsAre(alice));
  EXPECT_THAT(*store().ExpiredRequests(alice.expires_at, 1), ElementsAre(alice));
}

TEST_P(StoreContract, ListsExpiredRequestsThatExpiredFirstFirst) {
  for (const auto& [client, expires] :
       {std::pair{"alice", 3000}, {"bob", 1000}, {"carol", 2000}, {"dave", 4000}}) {
    Request request = FullRequest(client);
    request.expires_at = At(expires);
    ASSERT_THAT(store().WriteRequest(request), IsOk());
  }

  EXPECT_THAT(ClientsOf(store().ExpiredRequests(At(999), kAll)), IsEmpty());
  EXPECT_THAT(ClientsOf(store().ExpiredRequests(At(3000), kAll)),
              ElementsAre("bob", "carol", "alice"));
  EXPECT_THAT(ClientsOf(store().ExpiredRequests(At(3000), 2)), ElementsAre("bob", "carol"));
  EXPECT_THAT(ClientsOf(store().ExpiredRequests(At(3000), 0)), IsEmpty());
}

TEST_P(StoreContract, ARewrittenRequestExpiresAtItsNewTime) {
  Request request = Write("alice");
  const base::Timestamp before = request.expires_at;
  request.expires_at += std::chrono::hours(1);

  ASSERT_THAT(store().WriteRequest(request), IsOk());

  EXPECT_THAT(ClientsOf(store().ExpiredRequests(before, kAll)), IsEmpty());
  EXPECT_THAT(ClientsOf(store().ExpiredRequests(request.expires_at, kAll)), ElementsAre("alice"));
}

TEST_P(StoreContract, RefusesOneWaitingRequestTooMany) {
  Open({.max_pending = 2});
  Write("alice", RequestState::kCreated);
  Write("bob", RequestState::kInProgress);

  EXPECT_THAT(store().WriteRequest(FullRequest("carol")),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2")));
  EXPECT_EQ(*store().FindRequest("carol"), std::nullopt);
  Write("dave", RequestState::kDone);
  Write("erin", RequestState::kFailed);
  Write("frank", RequestState::kCancelled);
}

TEST_P(StoreContract, AWaitingRequestMayChangeAtTheBound) {
  Open({.max_pending = 1});
  Request alice = Write("alice");

  alice.state = RequestState::kInProgress;

  EXPECT_THAT(store().WriteRequest(alice), IsOk());
}

TEST_P(StoreContract, AWriteMakesRoomWhenItEndsTheWait) {
  Open({.max_pending = 1});
  Request alice = Write("alice");
  Request bob = Write("bob", RequestState::kFailed);

  bob.state = RequestState::kCreated;
  EXPECT_THAT(store().WriteRequest(bob),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("1")));
  alice.state = RequestState::kDone;
  ASSERT_THAT(store().WriteRequest(alice), IsOk());

  EXPECT_THAT(store().WriteRequest(bob), IsOk());
}

TEST_P(StoreContract, CountsTheWaitingAnewAfterAReopen) {
  Open({.max_pending = 2});
  Write("alice");

  under_test().Reopen();
  Write("bob");

  EXPECT_THAT(store().WriteRequest(FullRequest("carol")),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2")));
}

TEST_P(StoreContract, RecordsAndRevisionsOutliveAReopen) {
  const Request alice = Write("alice");
  Request bob = Write("bob");
  const lobby::Lease lease = Acquire();
  ASSERT_THAT(store().Commit(lease, {.removed_requests = {bob}, .servers = {FullServer("s-1")}}),
              IsOk());

  under_test().Reopen();

  EXPECT_THAT(*store().RequestsAfter(0, kAll), ElementsAre(alice));
  EXPECT_THAT(*store().Servers(), ElementsAre(FullServer("s-1")));
  EXPECT_GT(Write("carol").revision, bob.revision);
}

struct ClientIdCase {
  const char* name;
  std::string id;

  friend std::ostream& operator<<(std::ostream& out, const ClientIdCase& test) {
    return out << test.name;
  }
};

std::vector<ClientIdCase> ClientIds() {
  return {{"names of stores' keys", "queue"},
          {"dots first", "..x"},
          {"a colon", "a:b"},
          {"a slash", "a/b"},
          {"a star", "*"},
          {"a question mark", "alic?"},
          {"braces", "{a}"},
          {"brackets", "[a-z]"},
          {"quotes", "'\"`"},
          {"a percent sign", "%s%n"},
          {"a semicolon", "x'; DROP TABLE a"},
          {"a backslash", "\\0"},
          {"blanks", " a b "},
          {"a digit", "0"},
          {"a minus", "-1"},
          {"capitals", "Alice"},
          {"no capitals", "alice"},
          {"composed", "\xc3\xa9"},
          {"decomposed", "e\xcc\x81"},
          {"four bytes", "\xf0\x9f\x8e\xae"},
          {"the longest", std::string(256, 'x')}};
}

TEST_P(StoreContract, ClientIdsAreData) {
  for (const ClientIdCase& test : ClientIds()) EXPECT_EQ(Write(test.id).client_id, test.id) << test;

  for (const ClientIdCase& test : ClientIds()) {
    const auto found = store().FindRequest(test.id);
    ASSERT_THAT(found, IsOk()) << test;
    ASSERT_TRUE(found->has_value()) << test;
    EXPECT_EQ((*found)->client_id, test.id) << test;
  }
  EXPECT_THAT(*store().RequestsAfter(0, kAll), SizeIs(ClientIds().size()));
}

TEST_P(StoreContract, KeepsTheFirstValueOfASetting) {
  EXPECT_EQ(*store().Setting("secret", "first"), "first");
  EXPECT_EQ(*store().Setting("secret", "second"), "first");
  EXPECT_EQ(*under_test().other_replica().Setting("secret", "third"), "first");
  EXPECT_EQ(*store().Setting("other", ""), "");
  EXPECT_EQ(*store().Setting("other", "late"), "");

  under_test().Reopen();

  EXPECT_EQ(*store().Setting("secret", "fourth"), "first");
}

TEST_P(StoreContract, CheckIsOkWhileItWorks) {
  const Request alice = Write("alice");

  EXPECT_THAT(store().Check(), IsOk());

  EXPECT_EQ(Write("bob").revision, alice.revision + 1);
}

TEST_P(StoreContract, HoldsTenThousandRequests) {
  constexpr size_t kRequests = 10'000;
  constexpr size_t kPage = 999;
  const lobby::Lease lease = Acquire();
  for (size_t first = 0; first < kRequests; first += 500) {
    lobby::Batch batch;
    for (size_t i = 0; i < 500; ++i) {
      batch.requests.push_back(FullRequest("client-" + std::to_string(first + i)));
    }
    ASSERT_THAT(store().Commit(lease, batch), IsOk());
  }

  std::vector<Request> read;
  for (size_t before = kAll; before != read.size();) {
    before = read.size();
    const auto page = store().RequestsAfter(read.empty() ? 0 : read.back().revision, kPage);
    ASSERT_THAT(page, IsOk());
    read.insert(read.end(), page->begin(), page->end());
  }

  EXPECT_EQ(read.size(), kRequests);
  EXPECT_EQ(read.front().client_id, "client-0");
  EXPECT_EQ(read.back().client_id, "client-9999");
  EXPECT_EQ(store().unreadable_records(), 0);
}

}  // namespace muster::store
