#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "tests/store/store_contract.h"
#include "tests/support/status_matchers.h"

// Many callers at once, on two replicas where there may be two.
namespace muster::store {

using lobby::Request;
using lobby::RequestState;
using support::IsOk;

namespace {

constexpr int kWriters = 8;

// Runs `work` with 0 to count - 1 at once.
template <typename Work>
void InParallel(int count, const Work& work) {
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

// Reads on from where it was, and remembers the latest revision of each client.
class Follower {
 public:
  explicit Follower(lobby::Store& store) : store_(store) {}

  void Read() {
    const auto page = store_.RequestsAfter(revision_, 7);
    ASSERT_THAT(page, IsOk());
    for (const Request& request : *page) {
      ASSERT_GT(request.revision, revision_);
      revision_ = request.revision;
      seen_[request.client_id] = request.revision;
    }
  }

  // All that it has seen.
  const std::map<std::string, int64_t>& ReadToTheEnd() {
    int64_t before = -1;
    while (std::exchange(before, revision_) != revision_) Read();
    return seen_;
  }

 private:
  lobby::Store& store_;
  int64_t revision_ = 0;
  std::map<std::string, int64_t> seen_;
};

std::map<std::string, int64_t> LatestRevisions(lobby::Store& store) {
  std::map<std::string, int64_t> latest;
  const auto all = store.RequestsAfter(0, 100'000);
  EXPECT_THAT(all, IsOk());
  if (!all.ok()) return latest;
  for (const Request& request : *all) latest[request.client_id] = request.revision;
  return latest;
}

// Writes records of `clients` clients of this writer, every other one twice.
void WriteMany(lobby::Store& store, int writer, int clients) {
  for (int i = 0; i < clients; ++i) {
    const auto first =
        store.WriteRequest(FullRequest(std::to_string(writer) + "-" + std::to_string(i)));
    ASSERT_THAT(first, IsOk());
    if (i % 2 == 0) {
      ASSERT_THAT(store.WriteRequest(*first), IsOk());
    }
  }
}

}  // namespace

TEST_P(StoreContract, AFollowerMissesNothingWhileManyWrite) {
  constexpr int kClients = 20;
  std::atomic<bool> writing = true;
  Follower follower(under_test().other_replica());
  std::thread reader([&] {
    while (writing) follower.Read();
  });

  InParallel(kWriters, [&](int writer) { WriteMany(ReplicaOf(writer), writer, kClients); });
  writing = false;
  reader.join();

  EXPECT_EQ(follower.ReadToTheEnd(), LatestRevisions(store()));
}

TEST_P(StoreContract, RevisionsOfManyWritersAreAllDifferent) {
  constexpr int kClients = 25;
  std::vector<std::vector<int64_t>> written(kWriters);

  InParallel(kWriters, [&](int writer) {
    lobby::Store& replica = ReplicaOf(writer);
    for (int i = 0; i < kClients; ++i) {
      const std::string client = std::to_string(writer) + "-" + std::to_string(i);
      const auto request = replica.WriteRequest(FullRequest(client));
      ASSERT_THAT(request, IsOk());
      written[static_cast<size_t>(writer)].push_back(request->revision);
    }
  });

  std::set<int64_t> all;
  for (const std::vector<int64_t>& revisions : written) {
    EXPECT_TRUE(std::is_sorted(revisions.begin(), revisions.end()));
    all.insert(revisions.begin(), revisions.end());
  }
  EXPECT_EQ(all.size(), kWriters * kClients);
  EXPECT_EQ(*all.rbegin() - *all.begin(), kWriters * kClients - 1);
}

TEST_P(StoreContract, OneOfManyWritersOfARecordWins) {
  for (int round = 0; round < 10; ++round) {
    const Request before = Write("client-" + std::to_string(round));
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;

    InParallel(kWriters, [&](int writer) {
      const auto written = ReplicaOf(writer).WriteRequest(before);
      ++(written.ok() ? won : lost);
      if (!written.ok()) {
        EXPECT_EQ(written.status().code(), absl::StatusCode::kAborted);
      }
    });

    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, kWriters - 1);
  }
}

TEST_P(StoreContract, TheBoundOnTheWaitingHoldsWhileManyWrite) {
  constexpr int kMaxPending = 10;
  Open({.max_pending = kMaxPending});
  std::atomic<int> taken = 0;

  InParallel(kWriters, [&](int writer) {
    lobby::Store& replica = ReplicaOf(writer);
    for (int i = 0; i < kMaxPending; ++i) {
      const std::string client = std::to_string(writer) + "-" + std::to_string(i);
      const auto written = replica.WriteRequest(FullRequest(client));
      if (written.ok()) ++taken;
      if (!written.ok()) {
        EXPECT_EQ(written.status().code(), absl::StatusCode::kResourceExhausted);
      }
    }
  });

  EXPECT_EQ(taken, kMaxPending);
  EXPECT_EQ(store().RequestsAfter(0, 1000)->size(), kMaxPending);
}

TEST_P(StoreContract, OneOfManyGetsALease) {
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> leases = 0;

    InParallel(kWriters, [&](int caller) {
      lobby::Store& replica = ReplicaOf(caller);
      const auto lease = replica.AcquireLease(std::to_string(round), std::chrono::minutes(10));
      ASSERT_THAT(lease, IsOk());
      if (*lease) ++leases;
    });

    EXPECT_EQ(leases, 1);
  }
}

TEST_P(StoreContract, ManySettlersOfASettingGetOneValue) {
  std::vector<std::string> values(kWriters);

  InParallel(kWriters, [&](int caller) {
    lobby::Store& replica = ReplicaOf(caller);
    values[static_cast<size_t>(caller)] = *replica.Setting("secret", std::to_string(caller));
  });

  EXPECT_THAT(values, testing::Each(values[0]));
}

}  // namespace muster::store
