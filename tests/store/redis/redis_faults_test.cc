#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "store/redis/redis_store.h"
#include "tests/store/redis/redis_fixture.h"
#include "tests/store/store_contract.h"
#include "tests/support/status_matchers.h"

// A server that goes away, and replicas that race.
namespace muster::store::redis {
namespace {

using lobby::Lease;
using lobby::Request;
using std::chrono::milliseconds;
using std::chrono::minutes;
using support::IsOk;
using support::RedisServer;
using support::StatusIs;
using testing::HasSubstr;
using testing::Optional;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class RedisFaults : public testing::Test {
 protected:
  static RedisStore::Options Options(const RedisServer& server) {
    auto options = StoreOn(server, "own:");
    options.pool.pause = {.first = milliseconds(1), .last = milliseconds(20)};
    return options;
  }
  bool AwaitRecovery() {
    return Await([&] { return store_.Check().ok(); });
  }

  RedisServer server_{{.durable = true}};
  RedisStore store_{Options(server_), base::Clock::System()};
};

TEST_F(RedisFaults, CallsFailWhileTheServerIsAwayAndNothingIsLost) {
  const Request request = *store_.WriteRequest(FullRequest("alice"));
  const Lease lease = **store_.AcquireLease("fleet", minutes(10));

  for (const bool by_force : {false, true}) {
    by_force ? server_.Kill() : server_.Stop();
    EXPECT_THAT(store_.FindRequest("alice"), StatusIs(kUnavailable, HasSubstr("redis at")));
    EXPECT_THAT(store_.Commit(lease, {}), StatusIs(kUnavailable, HasSubstr("redis at")));
    EXPECT_THAT(store_.Check(), StatusIs(kUnavailable, HasSubstr("redis at")));
    server_.Start();

    ASSERT_TRUE(AwaitRecovery());
    EXPECT_THAT(*store_.FindRequest("alice"), Optional(request));
    EXPECT_THAT(store_.RenewLease(lease, minutes(10)), IsOk());
  }
}

TEST_F(RedisFaults, ManyCallersOfAServerThatIsAwayAllReturn) {
  server_.Kill();
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> callers;
    callers.reserve(16);
    for (int i = 0; i < 16; ++i) {
      callers.emplace_back([&] {
        for (int call = 0; call < 50; ++call) {
          if (store_.FindRequest("alice").status().code() == kUnavailable) ++refused;
        }
      });
    }
  }

  EXPECT_EQ(refused, 16 * 50);
}

TEST_F(RedisFaults, AServerThatHangsIsUnavailableUntilItGoesOn) {
  auto options = Options(server_);
  options.pool.connection.call_timeout = milliseconds(200);
  RedisStore store(options, base::Clock::System());
  ASSERT_THAT(store.WriteRequest(FullRequest("alice")), IsOk());
  server_.Pause();

  EXPECT_THAT(store.FindRequest("alice"), StatusIs(kUnavailable, HasSubstr("no answer within")));
  EXPECT_THAT(store.Check(), StatusIs(kUnavailable, HasSubstr("no answer within")));
  server_.Resume();

  ASSERT_TRUE(Await([&] { return store.Check().ok(); }));
  EXPECT_THAT(store.FindRequest("alice"), IsOk());
}

// A write that was not acknowledged is there whole, or not at all.
TEST_F(RedisFaults, KillsBetweenAnyTwoStepsLoseNothingThatWasAcknowledged) {
  std::atomic<bool> stop = false;
  std::vector<Request> acknowledged;
  std::jthread writer([&] {
    for (int i = 0; !stop; ++i) {
      const auto written = store_.WriteRequest(FullRequest("client-" + std::to_string(i)));
      if (written.ok()) acknowledged.push_back(*written);
    }
  });
  for (int kill = 0; kill < 10; ++kill) {
    EXPECT_TRUE(AwaitRecovery());
    server_.Kill();
    server_.Start();
  }
  EXPECT_TRUE(AwaitRecovery());
  stop = true;
  writer.join();

  ASSERT_FALSE(acknowledged.empty());
  for (const Request& request : acknowledged) {
    EXPECT_THAT(*store_.FindRequest(request.client_id), Optional(request));
  }
  const auto after = store_.RequestsAfter(0, 1'000'000);
  EXPECT_GE(after->size(), acknowledged.size());
  EXPECT_EQ(std::to_string(after->size()), Ask(server_, {"HLEN", "own:requests"}));
  EXPECT_EQ(std::to_string(after->size()), Ask(server_, {"SCARD", "own:pending"}));
}

TEST_F(RedisFaults, WrongPasswordsFailEachCallAndTellNothing) {
  RedisServer guarded({.password = "sesame"});
  for (const char* password : {"", "guess"}) {
    auto options = Options(guarded);
    options.pool.connection.address.password = password;
    RedisStore store(options, base::Clock::System());

    const absl::Status status = store.Check();

    EXPECT_THAT(status, StatusIs(kUnavailable,
                                 testing::AnyOf(HasSubstr("NOAUTH"), HasSubstr("WRONGPASS"))));
    EXPECT_THAT(status, StatusIs(kUnavailable, testing::Not(HasSubstr("guess"))));
  }
}

// A replica of a race: takes the lease when it can, commits under it, and commits once more after
// it has given it away.
class Racer {
 public:
  Racer(RedisStore& store, std::atomic<int64_t>& last_fence)
      : store_(store), last_fence_(last_fence) {}

  void Run(int rounds) {
    while (rounds > 0) {
      const auto lease = store_.AcquireLease("fleet", minutes(10));
      ASSERT_THAT(lease, IsOk());
      if (*lease) {
        Hold(**lease);
        --rounds;
      }
    }
  }

 private:
  void Hold(const Lease& lease) {
    // Only the holder is here.
    EXPECT_GT(lease.fence, last_fence_.exchange(lease.fence));
    EXPECT_THAT(store_.Commit(lease, {.servers = {FullServer("s-1")}}), IsOk());
    EXPECT_EQ(last_fence_, lease.fence);
    EXPECT_THAT(store_.ReleaseLease(lease), IsOk());
    EXPECT_THAT(store_.Commit(lease, {.servers = {FullServer("stale")}}),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("fleet")));
    EXPECT_THAT(store_.ReleaseLease(lease), IsOk());
  }

  RedisStore& store_;
  std::atomic<int64_t>& last_fence_;
};

TEST(RedisRace, FencesGrowAndAFormerHolderWritesNothing) {
  const std::string prefix = NewPrefix();
  RedisStore replicas[] = {{StoreOn(SharedServer(), prefix), base::Clock::System()},
                           {StoreOn(SharedServer(), prefix), base::Clock::System()}};
  std::atomic<int64_t> last_fence = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (size_t i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] { Racer(replicas[i % 2], last_fence).Run(25); });
    }
  }

  EXPECT_THAT(*replicas[0].Servers(), testing::ElementsAre(FullServer("s-1")));
}

}  // namespace
}  // namespace muster::store::redis
