#include "tests/fakes/memory_store.h"

#include <memory>

#include "gmock/gmock.h"
#include "tests/fakes/fake_clock.h"
#include "tests/store/crash_contract.h"
#include "tests/store/store_contract.h"
#include "tests/support/status_matchers.h"

namespace muster::store {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

class MemoryStoreUnderTest final : public StoreUnderTest {
 public:
  explicit MemoryStoreUnderTest(const StoreLimits& limits) : store_(clock_, limits.max_pending) {}

  lobby::Store& store() override { return store_; }
  void Reopen() override {}
  void Pass(std::chrono::milliseconds duration) override { clock_.Advance(duration); }

 private:
  fakes::FakeClock clock_;
  fakes::MemoryStore store_;
};

class MemoryStoreInRealTime final : public StoreUnderTest {
 public:
  explicit MemoryStoreInRealTime(const StoreLimits& limits)
      : store_(base::Clock::System(), limits.max_pending) {}

  lobby::Store& store() override { return store_; }
  void Reopen() override {}

 private:
  fakes::MemoryStore store_;
};

template <typename UnderTest>
StoreKind Kind() {
  return {"Memory", [](const StoreLimits& limits) { return std::make_unique<UnderTest>(limits); }};
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(Kind<MemoryStoreUnderTest>()),
                         testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Memory, CrashContract, CrashesOf(Kind<MemoryStoreInRealTime>()),
                         CrashName);

TEST(MemoryStore, FailsTheNextCallOnly) {
  const fakes::FakeClock clock;
  fakes::MemoryStore store(clock);

  store.FailNext(absl::InternalError("as told"));

  EXPECT_THAT(store.WriteRequest(FullRequest("alice")),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("as told")));
  EXPECT_EQ(*store.FindRequest("alice"), std::nullopt);
  EXPECT_EQ(store.calls(), 2);
}

TEST(MemoryStore, CrashesAfterSoManyCallsUntilItRecovers) {
  const fakes::FakeClock clock;
  fakes::MemoryStore store(clock);

  store.CrashAfter(1);

  EXPECT_THAT(store.WriteRequest(FullRequest("alice")), IsOk());
  EXPECT_THAT(store.WriteRequest(FullRequest("bob")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("crashed")));
  EXPECT_THAT(store.Check(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("crashed")));
  store.Recover();
  EXPECT_TRUE((*store.FindRequest("alice")).has_value());
  EXPECT_FALSE((*store.FindRequest("bob")).has_value());
}

}  // namespace
}  // namespace muster::store
