#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "store/sqlite/sqlite_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/store/crash_contract.h"
#include "tests/store/scratch_folder.h"
#include "tests/store/store_contract.h"

namespace muster::store {
namespace {

using sqlite::SqliteStore;

// A kill is tested with a process; here the store is closed and opened.
class OnDiskInRealTime : public StoreUnderTest {
 public:
  explicit OnDiskInRealTime(const StoreLimits& limits)
      : OnDiskInRealTime(limits, base::Clock::System()) {}

  lobby::Store& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    store_ = *SqliteStore::Open(options_, clock_);
  }

 protected:
  OnDiskInRealTime(const StoreLimits& limits, const base::Clock& clock)
      : options_{.path = folder_.File("lobby.db"), .max_pending = limits.max_pending},
        clock_(clock),
        store_(*SqliteStore::Open(options_, clock_)) {}

 private:
  const ScratchFolder folder_;
  const SqliteStore::Options options_;
  const base::Clock& clock_;
  std::unique_ptr<SqliteStore> store_;
};

struct OwnClock {
  fakes::FakeClock clock;
};

// The clock first: the store ends before it.
class OnDisk final : private OwnClock, public OnDiskInRealTime {
 public:
  explicit OnDisk(const StoreLimits& limits) : OnDiskInRealTime(limits, clock) {}

  void Pass(std::chrono::milliseconds duration) override { clock.Advance(duration); }
};

// Its memory ends with it, so that it cannot be opened again.
class InMemory final : public StoreUnderTest {
 public:
  explicit InMemory(const StoreLimits& limits)
      : store_(
            *SqliteStore::Open({.path = ":memory:", .max_pending = limits.max_pending}, clock_)) {}

  lobby::Store& store() override { return *store_; }
  void Reopen() override {}
  void Pass(std::chrono::milliseconds duration) override { clock_.Advance(duration); }

 private:
  fakes::FakeClock clock_;
  const std::unique_ptr<SqliteStore> store_;
};

template <typename UnderTest>
StoreKind KindOf(const std::string& name) {
  return {name, [](const StoreLimits& limits) { return std::make_unique<UnderTest>(limits); }};
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract,
                         testing::Values(KindOf<OnDisk>("OnDisk"), KindOf<InMemory>("InMemory")),
                         testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Sqlite, CrashContract, CrashesOf(KindOf<OnDiskInRealTime>("OnDisk")),
                         CrashName);

}  // namespace
}  // namespace muster::store
