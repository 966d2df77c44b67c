#include <memory>
#include <string>

#include "tests/store/bus_contract.h"
#include "tests/store/crash_contract.h"
#include "tests/store/redis/redis_fixture.h"
#include "tests/store/store_contract.h"

// The contracts of the lobby's ports on a real server.
namespace muster::store {
namespace {

using redis::RedisBus;
using redis::RedisStore;

// Takes `duration` off all leases with a prefix.
constexpr const char* kPassScript = R"(
for _, lease in ipairs(redis.call('KEYS', ARGV[1] .. 'lease:*')) do
  redis.call('PEXPIRE', lease, redis.call('PTTL', lease) - ARGV[2])
end)";

class RedisStoreUnderTest final : public StoreUnderTest {
 public:
  explicit RedisStoreUnderTest(const StoreLimits& limits)
      : options_(redis::StoreOn(redis::SharedServer(), redis::NewPrefix())) {
    options_.max_pending = limits.max_pending;
    Reopen();
  }

  lobby::Store& store() override { return *store_; }
  lobby::Store& other_replica() override { return *other_; }
  void Reopen() override {
    store_ = std::make_unique<RedisStore>(options_, base::Clock::System());
    other_ = std::make_unique<RedisStore>(options_, base::Clock::System());
  }
  void Pass(std::chrono::milliseconds duration) override {
    redis::Ask(redis::SharedServer(),
               {"EVAL", kPassScript, "0", options_.prefix, std::to_string(duration.count())});
  }

 private:
  RedisStore::Options options_;
  std::unique_ptr<RedisStore> store_;
  std::unique_ptr<RedisStore> other_;
};

class RedisBusUnderTest final : public BusUnderTest {
 public:
  lobby::EventBus& bus() override { return bus_; }
  lobby::EventBus& other_replica() override { return other_; }

 private:
  const RedisBus::Options options_ = redis::BusOn(redis::SharedServer(), redis::NewPrefix());
  RedisBus bus_{options_, base::Clock::System()};
  RedisBus other_{options_, base::Clock::System()};
};

StoreKind RedisStoreKind() {
  return {.name = "Redis", .make = [](const StoreLimits& limits) {
            return std::make_unique<RedisStoreUnderTest>(limits);
          }};
}

BusKind RedisBusKind() {
  return {.name = "Redis", .make = [] { return std::make_unique<RedisBusUnderTest>(); }};
}

INSTANTIATE_TEST_SUITE_P(Redis, StoreContract, testing::Values(RedisStoreKind()),
                         testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Redis, CrashContract, CrashesOf(RedisStoreKind()), CrashName);
INSTANTIATE_TEST_SUITE_P(Redis, BusContract, testing::Values(RedisBusKind()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace muster::store
