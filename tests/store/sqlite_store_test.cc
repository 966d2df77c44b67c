#include "store/sqlite/sqlite_store.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "sqlite3.h"
#include "tests/fakes/fake_clock.h"
#include "tests/store/scratch_folder.h"
#include "tests/store/store_contract.h"
#include "tests/support/status_matchers.h"

namespace muster::store::sqlite {
namespace {

using lobby::Request;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SqliteStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SqliteStore>> TryOpen() {
    return SqliteStore::Open({.path = path_}, clock_);
  }
  std::unique_ptr<SqliteStore> Open(SqliteStore::Options options = {}) {
    options.path = path_;
    auto store = SqliteStore::Open(options, clock_);
    EXPECT_THAT(store, IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }
  // With no store open.
  void RunSql(const std::string& sql) const {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.File("lobby.db");
  const fakes::FakeClock clock_;
};

TEST_F(SqliteStoreTest, OneStoreHasTheFile) {
  auto first = Open();

  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  AllOf(HasSubstr(path_), HasSubstr("in use"))));
  first.reset();

  EXPECT_THAT(TryOpen(), IsOk());
}

TEST_F(SqliteStoreTest, AnotherNameOfTheFileIsTheSameFile) {
  const auto first = Open();
  const std::string link = folder_.File("link.db");
  std::filesystem::create_symlink(path_, link);

  const auto second = SqliteStore::Open({.path = link}, clock_);

  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use")));
}

TEST_F(SqliteStoreTest, LeasesEndWithTheStore) {
  auto store = Open();
  const auto first = store->AcquireLease("fleet", std::chrono::hours(1));
  ASSERT_THAT(first, IsOk());

  store.reset();
  store = Open();
  const auto second = store->AcquireLease("fleet", std::chrono::hours(1));

  ASSERT_THAT(second, IsOk());
  ASSERT_TRUE(second->has_value());
  EXPECT_GT((*second)->fence, (*first)->fence);
}

TEST_F(SqliteStoreTest, NobodyElseMayReadTheFile) {
  const auto store = Open();
  ASSERT_THAT(store->Setting("secret", "x"), IsOk());

  for (const char* suffix : {"", "-wal", ".lock"}) {
    const auto permissions = std::filesystem::status(path_ + suffix).permissions();
    EXPECT_EQ(permissions & std::filesystem::perms(077), std::filesystem::perms::none) << suffix;
  }
}

TEST_F(SqliteStoreTest, NeedsAPath) {
  EXPECT_THAT(SqliteStore::Open({.path = ""}, clock_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
}

TEST_F(SqliteStoreTest, NeedsTheFolderOfTheFile) {
  const std::string path = folder_.File("missing/lobby.db");

  EXPECT_THAT(
      SqliteStore::Open({.path = path}, clock_),
      StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr(path), HasSubstr("No such file"))));
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path_) << std::string(100'000, 'x');

  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kDataLoss,
                                  AllOf(HasSubstr(path_), HasSubstr("not a database"))));
}

TEST_F(SqliteStoreTest, RefusesADamagedFile) {
  {
    const auto store = Open();
    for (int i = 0; i < 100; ++i) {
      ASSERT_THAT(store->WriteRequest(FullRequest(std::to_string(i))), IsOk());
    }
  }
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(3 * 4096);
  file << std::string(4 * 4096, '\x7f');
  file.close();

  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path_)));
}

TEST_F(SqliteStoreTest, RefusesTheFileOfANewerLobby) {
  Open().reset();
  RunSql("PRAGMA user_version = 2");

  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  AllOf(HasSubstr(path_), HasSubstr("newer"), HasSubstr("2"))));
}

TEST_F(SqliteStoreTest, RefusesTheFileOfAnotherProgram) {
  RunSql("CREATE TABLE a (b); PRAGMA user_version = 1");

  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  AllOf(HasSubstr(path_), HasSubstr("another program"))));
}

TEST_F(SqliteStoreTest, ARecordThatCannotBeReadCountsAsNone) {
  auto store = Open();
  const auto alice = store->WriteRequest(FullRequest("alice"));
  const auto bob = store->WriteRequest(FullRequest("bob"));
  const auto lease = store->AcquireLease("fleet", std::chrono::hours(1));
  ASSERT_THAT(store->Commit(**lease, {.servers = {FullServer("s-1")}}), IsOk());
  store.reset();
  RunSql("UPDATE requests SET record = '{' WHERE client_id = 'alice'; UPDATE servers SET record=7");
  store = Open();

  EXPECT_EQ(*store->FindRequest("alice"), std::nullopt);
  EXPECT_THAT(*store->RequestsAfter(0, 1), ElementsAre(*bob));
  EXPECT_THAT(*store->Servers(), IsEmpty());
  EXPECT_EQ(store->unreadable_records(), 3);
  EXPECT_THAT(store->WriteRequest(FullRequest("alice")), IsOk());
  EXPECT_EQ((*store->FindRequest("alice"))->client_id, "alice");
}

TEST_F(SqliteStoreTest, RecordsThatCannotBeReadGoWhenTheyExpire) {
  auto store = Open({.max_pending = 2});
  const auto alice = store->WriteRequest(FullRequest("alice"));
  Request bob = FullRequest("bob");
  bob.expires_at += std::chrono::milliseconds(1);
  bob = *store->WriteRequest(bob);
  store.reset();
  RunSql("UPDATE requests SET record = '{' WHERE client_id = 'alice'");
  store = Open({.max_pending = 2});

  EXPECT_THAT(*store->ExpiredRequests(alice->expires_at - std::chrono::milliseconds(1), 1),
              IsEmpty());
  EXPECT_EQ(store->unreadable_records(), 0);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(*store->ExpiredRequests(bob.expires_at, 1), ElementsAre(bob));
    EXPECT_EQ(store->unreadable_records(), 1);
  }

  EXPECT_THAT(store->WriteRequest(FullRequest("carol")), IsOk()) << "its place is free again";
}

TEST_F(SqliteStoreTest, WritesThatComeTogetherShareACommit) {
  constexpr int kCallers = 32;
  constexpr int kWrites = 20;
  const auto store = Open();
  const int64_t before = store->commits();
  std::vector<std::jthread> callers;
  callers.reserve(kCallers);

  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&store, caller] {
      for (int i = 0; i < kWrites; ++i) {
        const std::string client = std::to_string(caller) + "-" + std::to_string(i);
        EXPECT_THAT(store->WriteRequest(FullRequest(client)), IsOk());
      }
    });
  }
  callers.clear();

  EXPECT_EQ(store->RequestsAfter(0, 10'000)->size(), kCallers * kWrites);
  EXPECT_LT(store->commits() - before, kCallers * kWrites / 2);
}

TEST_F(SqliteStoreTest, TheLogDoesNotGrowWithoutEnd) {
  constexpr int kRounds = 60;
  const auto store = Open();
  const auto lease = store->AcquireLease("fleet", std::chrono::hours(1));
  lobby::Batch batch;
  for (int i = 0; i < 500; ++i) batch.requests.push_back(FullRequest(std::to_string(i)));

  for (int round = 0; round < kRounds; ++round) {
    const auto revisions = store->Commit(**lease, batch);
    ASSERT_THAT(revisions, IsOk());
    for (size_t i = 0; i < batch.requests.size(); ++i) {
      batch.requests[i].revision = revisions->at(i);
    }
  }

  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 12U << 20);
  EXPECT_LT(std::filesystem::file_size(path_), 4U << 20);
}

}  // namespace
}  // namespace muster::store::sqlite
