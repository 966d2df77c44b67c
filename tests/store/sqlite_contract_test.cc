#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "store/sqlite/sqlite_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/store/scratch_folder.h"
#include "tests/store/store_contract.h"

namespace muster::store {
namespace {

using sqlite::SqliteStore;

// A kill is tested with a process; here the store is closed and opened.
class OnDisk final : public StoreUnderTest {
 public:
  explicit OnDisk(const StoreLimits& limits)
      : options_{.path = folder_.File("lobby.db"), .max_pending = limits.max_pending} {
    Reopen();
  }

  lobby::Store& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    store_ = *SqliteStore::Open(options_, clock_);
  }
  void Pass(std::chrono::milliseconds duration) override { clock_.Advance(duration); }

 private:
  const ScratchFolder folder_;
  const SqliteStore::Options options_;
  fakes::FakeClock clock_;
  std::unique_ptr<SqliteStore> store_;
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

}  // namespace
}  // namespace muster::store
