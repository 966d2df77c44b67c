#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/store/store_contract.h"
#include "tests/support/status_matchers.h"

// What the holder of a lease may do, and who holds it.
namespace muster::store {

using lobby::Batch;
using lobby::Lease;
using lobby::Request;
using lobby::RequestState;
using std::chrono::seconds;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

namespace {

// Long enough for two calls on a slow machine.
constexpr seconds kShort(2);
constexpr seconds kLong(600);

auto IsNotPresent() { return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("fleet")); }

}  // namespace

TEST_P(StoreContract, OneAtATimeHoldsALease) {
  const Lease lease = Acquire("fleet");

  EXPECT_EQ(*store().AcquireLease("fleet", kLong), std::nullopt);
  EXPECT_EQ(*under_test().other_replica().AcquireLease("fleet", kLong), std::nullopt);
  EXPECT_EQ(lease.name, "fleet");
  EXPECT_GT(lease.fence, 0);
}

TEST_P(StoreContract, LeasesOfOtherNamesAreOthers) {
  const Lease fleet = Acquire("fleet");
  const Lease cleaner = Acquire("cleaner");

  EXPECT_THAT(store().ReleaseLease(cleaner), IsOk());

  EXPECT_THAT(store().RenewLease(fleet, kLong), IsOk());
}

TEST_P(StoreContract, AnExpiredLeaseGoesToTheNextWithAGreaterFence) {
  const auto first = store().AcquireLease("fleet", kShort);
  ASSERT_THAT(first, IsOk());

  under_test().Pass(kShort);
  const Lease second = Acquire("fleet");

  EXPECT_GT(second.fence, first->value().fence);
  EXPECT_THAT(store().RenewLease(**first, kLong), IsNotPresent());
  EXPECT_THAT(store().Commit(**first, {.servers = {FullServer("s-1")}}), IsNotPresent());
  EXPECT_THAT(*store().Servers(), IsEmpty());
  EXPECT_THAT(store().Commit(second, {.servers = {FullServer("s-2")}}), IsOk());
}

TEST_P(StoreContract, AnExpiredLeaseIsOfNoUseThoughNobodyElseTookIt) {
  const auto lease = store().AcquireLease("fleet", kShort);
  ASSERT_THAT(lease, IsOk());

  under_test().Pass(kShort);

  EXPECT_THAT(store().RenewLease(**lease, kLong), IsNotPresent());
  EXPECT_THAT(store().Commit(**lease, {.requests = {FullRequest("alice")}}), IsNotPresent());
  EXPECT_EQ(*store().FindRequest("alice"), std::nullopt);
}

TEST_P(StoreContract, ARenewedLeaseHoldsFromThenOn) {
  const auto lease = store().AcquireLease("fleet", kShort);
  ASSERT_THAT(lease, IsOk());

  ASSERT_THAT(store().RenewLease(**lease, kLong), IsOk());
  under_test().Pass(kShort);

  EXPECT_EQ(*store().AcquireLease("fleet", kLong), std::nullopt);
  EXPECT_THAT(store().Commit(**lease, {}), IsOk());
}

TEST_P(StoreContract, ARenewalMayShortenALease) {
  const Lease lease = Acquire("fleet");

  ASSERT_THAT(store().RenewLease(lease, kShort), IsOk());
  under_test().Pass(kShort);

  EXPECT_GT(Acquire("fleet").fence, lease.fence);
}

TEST_P(StoreContract, AReleasedLeaseIsFreeAtOnce) {
  const Lease first = Acquire("fleet");

  ASSERT_THAT(store().ReleaseLease(first), IsOk());
  EXPECT_THAT(store().Commit(first, {}), IsNotPresent());
  const Lease second = Acquire("fleet");

  EXPECT_GT(second.fence, first.fence);
}

TEST_P(StoreContract, ReleasingAnotherHoldersLeaseDoesNothing) {
  const Lease first = Acquire("fleet");
  ASSERT_THAT(store().ReleaseLease(first), IsOk());
  const Lease second = Acquire("fleet");

  EXPECT_THAT(store().ReleaseLease(first), IsOk());
  EXPECT_THAT(store().ReleaseLease({.name = "nobody's", .fence = 7}), IsOk());

  EXPECT_THAT(store().RenewLease(second, kLong), IsOk());
}

TEST_P(StoreContract, ALeaseThatNeverWasIsNotPresent) {
  EXPECT_THAT(store().RenewLease({.name = "fleet", .fence = 0}, kLong), IsNotPresent());
  EXPECT_THAT(store().RenewLease({.name = "fleet", .fence = 1}, kLong), IsNotPresent());
  EXPECT_THAT(store().Commit({.name = "fleet", .fence = 0}, {}), IsNotPresent());
}

TEST_P(StoreContract, FencesGrowOverAReopen) {
  const auto first = store().AcquireLease("fleet", kShort);
  ASSERT_THAT(first, IsOk());

  under_test().Reopen();
  under_test().Pass(kShort);
  const Lease second = Acquire("fleet");

  EXPECT_GT(second.fence, first->value().fence);
  EXPECT_THAT(store().Commit(**first, {}), IsNotPresent());
}

TEST_P(StoreContract, ABatchWritesAllItHas) {
  const Lease lease = Acquire();
  Request alice = Write("alice");
  const Request bob = Write("bob");
  ASSERT_THAT(store().Commit(lease, {.servers = {FullServer("s-1"), FullServer("s-2")}}), IsOk());
  lobby::GameServer changed = FullServer("s-1");
  changed.state = lobby::ServerState::kDraining;
  alice.state = RequestState::kDone;

  const auto revisions = store().Commit(lease, {.requests = {alice, FullRequest("carol")},
                                                .removed_requests = {bob},
                                                .servers = {changed},
                                                .removed_servers = {"s-2", "s-3"}});

  ASSERT_THAT(revisions, IsOk());
  EXPECT_THAT(*revisions, ElementsAre(bob.revision + 1, bob.revision + 2));
  alice.revision = bob.revision + 1;
  EXPECT_THAT(*store().FindRequest("alice"), Optional(alice));
  EXPECT_EQ(*store().FindRequest("bob"), std::nullopt);
  EXPECT_EQ((*store().FindRequest("carol"))->revision, bob.revision + 2);
  EXPECT_THAT(*store().Servers(), ElementsAre(changed));
}

TEST_P(StoreContract, ABatchLeavesOutRequestsThatChanged) {
  const Lease lease = Acquire();
  const Request stale = Write("alice");
  const auto fresh = store().WriteRequest(stale);
  const Request bob = Write("bob");
  ASSERT_THAT(fresh, IsOk());

  const auto revisions =
      store().Commit(lease, {.requests = {stale, FullRequest("bob"), FullRequest("carol"), bob},
                             .removed_requests = {stale},
                             .servers = {FullServer("s-1")}});

  ASSERT_THAT(revisions, IsOk());
  EXPECT_THAT(*revisions, ElementsAre(0, 0, bob.revision + 1, bob.revision + 2));
  EXPECT_THAT(*store().FindRequest("alice"), Optional(*fresh));
  EXPECT_THAT(*store().Servers(), ElementsAre(FullServer("s-1")));
}

TEST_P(StoreContract, OnlyClientAndRevisionOfARemovedRequestCount) {
  const Lease lease = Acquire();
  const Request alice = Write("alice");

  ASSERT_THAT(store().Commit(
                  lease, {.removed_requests = {{.client_id = "alice", .revision = alice.revision},
                                               {.client_id = "nobody"}}}),
              IsOk());

  EXPECT_EQ(*store().FindRequest("alice"), std::nullopt);
}

TEST_P(StoreContract, TheSecondOfTwoEqualRequestsOfABatchIsLeftOut) {
  const Lease lease = Acquire();

  const auto revisions =
      store().Commit(lease, {.requests = {FullRequest("alice"), FullRequest("alice")}});

  ASSERT_THAT(revisions, IsOk());
  EXPECT_GT(revisions->at(0), 0);
  EXPECT_EQ(revisions->at(1), 0);
}

TEST_P(StoreContract, AnEmptyBatchIsOk) {
  const auto revisions = store().Commit(Acquire(), {});

  ASSERT_THAT(revisions, IsOk());
  EXPECT_THAT(*revisions, IsEmpty());
}

Batch BatchOf(size_t items) {
  Batch batch;
  for (size_t i = 0; i < items; ++i) {
    if (i % 2 == 0) batch.requests.push_back(FullRequest("client-" + std::to_string(i)));
    if (i % 2 == 1) batch.removed_servers.push_back("s-" + std::to_string(i));
  }
  return batch;
}

TEST_P(StoreContract, TakesTheLargestBatch) {
  const auto revisions = store().Commit(Acquire(), BatchOf(lobby::Store::kMaxBatchItems));

  ASSERT_THAT(revisions, IsOk());
  EXPECT_EQ(revisions->size(), lobby::Store::kMaxBatchItems / 2);
  EXPECT_THAT(*revisions, testing::Each(testing::Gt(0)));
}

TEST_P(StoreContract, ALargerBatchIsRefusedWhole) {
  EXPECT_THAT(store().Commit(Acquire(), BatchOf(lobby::Store::kMaxBatchItems + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 10000")));

  EXPECT_THAT(*store().RequestsAfter(0, 1), IsEmpty());
}

TEST_P(StoreContract, ABatchCountsTheWaitingToo) {
  Open({.max_pending = 2});
  const Lease lease = Acquire();
  const auto added =
      store().Commit(lease, {.requests = {FullRequest("a"), FullRequest("b"), FullRequest("c")}});
  ASSERT_THAT(added, IsOk()) << "the bound is for players, not for the fleet";
  EXPECT_THAT(store().WriteRequest(FullRequest("d")),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2")));

  Request done = FullRequest("a", RequestState::kDone);
  done.revision = added->at(0);
  ASSERT_THAT(
      store().Commit(lease, {.requests = {done},
                             .removed_requests = {{.client_id = "b", .revision = added->at(1)}}}),
      IsOk());

  EXPECT_THAT(store().WriteRequest(FullRequest("d")), IsOk());
}

TEST_P(StoreContract, ServersComeBackWhole) {
  ASSERT_THAT(store().Commit(Acquire(), {.servers = {FullServer("s-1")}}), IsOk());

  EXPECT_THAT(*store().Servers(), ElementsAre(FullServer("s-1")));
  EXPECT_THAT(*under_test().other_replica().Servers(), ElementsAre(FullServer("s-1")));
}

TEST_P(StoreContract, ThereAreNoServersAtFirst) {
  ASSERT_THAT(store().Servers(), IsOk());
  EXPECT_THAT(*store().Servers(), IsEmpty());
}

}  // namespace muster::store
