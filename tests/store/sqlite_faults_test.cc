#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "store/sqlite/sqlite_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/store/scratch_folder.h"
#include "tests/store/store_contract.h"
#include "tests/support/status_matchers.h"

// Kills and full disks.
namespace muster::store::sqlite {
namespace {

using lobby::Request;
using support::IsOk;
using support::StatusIs;
using testing::AnyOf;
using testing::HasSubstr;

// The program store_writer, which MUSTER_STORE_WRITER names; killed at the end of its life.
class StoreWriter {
 public:
  StoreWriter(const std::string& path, const std::string& prefix) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) ADD_FAILURE() << "no pipe";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = MUSTER_STORE_WRITER;
    std::string file = path;
    std::string start = prefix;
    char* const arguments[] = {program.data(), file.data(), start.data(), nullptr};
    if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ) != 0) {
      ADD_FAILURE() << "cannot start " << program;
    }
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    out_ = fdopen(ends[0], "r");
  }
  ~StoreWriter() {
    Kill();
    fclose(out_);
  }
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  // The next line it prints; empty when it has ended.
  std::string Line() {
    std::string line;
    for (int c = fgetc(out_); c != EOF && c != '\n'; c = fgetc(out_)) {
      line.push_back(static_cast<char>(c));
    }
    return line;
  }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  FILE* out_ = nullptr;
};

// Adds "CLIENT REVISION".
void Note(const std::string& line, std::map<std::string, int64_t>& acknowledged) {
  std::istringstream words(line);
  std::string client;
  int64_t revision = 0;
  words >> client >> revision;
  acknowledged[client] = revision;
}

// While it lives, no file of this process may grow past so many bytes: the answer to a write there
// is an error, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(uintmax_t bytes) {
    before_handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full = {.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, before_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*before_handler_)(int) = SIG_DFL;
};

class SqliteFaults : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Open(int64_t max_bytes = int64_t{1} << 30) {
    auto store = SqliteStore::Open({.path = path_, .max_bytes = max_bytes}, clock_);
    EXPECT_THAT(store, IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Writes until one is refused; returns how many went in.
  static int Fill(lobby::Store& store, absl::Status* refusal) {
    for (int i = 0; i < 100'000; ++i) {
      const auto written = store.WriteRequest(Large("client-" + std::to_string(i)));
      if (written.ok()) continue;
      *refusal = written.status();
      return i;
    }
    ADD_FAILURE() << "it is never full";
    return 0;
  }

  static Request Large(const std::string& client_id) {
    Request request = FullRequest(client_id);
    request.reason = std::string(2000, 'x');
    return request;
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.File("lobby.db");
  const fakes::FakeClock clock_;
};

TEST_F(SqliteFaults, AcknowledgedWritesOutliveAKill) {
  int64_t last = 0;
  for (int round = 0; round < 5; ++round) {
    std::map<std::string, int64_t> acknowledged;
    StoreWriter writer(path_, std::to_string(round) + "-");
    for (int i = 0; i < 10 + 40 * round; ++i) Note(writer.Line(), acknowledged);
    writer.Kill();
    for (std::string line = writer.Line(); !line.empty(); line = writer.Line()) {
      Note(line, acknowledged);
    }

    const auto store = Open();

    ASSERT_NE(store, nullptr);
    for (const auto& [client, revision] : acknowledged) {
      const auto request = store->FindRequest(client);
      ASSERT_TRUE(request.ok() && request->has_value()) << client;
      EXPECT_EQ((*request)->revision, revision) << client;
      EXPECT_GT(revision, last);
    }
    last = store->WriteRequest(FullRequest("after-" + std::to_string(round)))->revision;
  }
}

TEST_F(SqliteFaults, AnotherProcessIsRefusedUntilThisOneIsKilled) {
  StoreWriter first(path_, "first-");
  ASSERT_THAT(first.Line(), HasSubstr("first-"));

  StoreWriter second(path_, "second-");
  EXPECT_THAT(second.Line(), AllOf(HasSubstr("FAILED_PRECONDITION"), HasSubstr(path_),
                                   HasSubstr("in use by another lobby")));
  first.Kill();

  StoreWriter third(path_, "third-");
  EXPECT_THAT(third.Line(), HasSubstr("third-"));
}

TEST_F(SqliteFaults, AFullFileSaysSoAndTakesWritesWhenThereIsRoom) {
  const auto store = Open(/*max_bytes=*/200'000);
  const auto lease = store->AcquireLease("fleet", std::chrono::hours(1));

  absl::Status refusal;
  const int written = Fill(*store, &refusal);
  EXPECT_THAT(refusal,
              StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr(path_), HasSubstr("full"))));
  auto all = *store->RequestsAfter(0, 100'000);
  EXPECT_EQ(all.size(), written);
  EXPECT_EQ(store->FindRequest("client-" + std::to_string(written))->has_value(), false);
  all.resize(all.size() / 2);
  ASSERT_THAT(store->Commit(**lease, {.removed_requests = all}), IsOk());

  EXPECT_THAT(store->WriteRequest(Large("late")), IsOk());
}

TEST_F(SqliteFaults, AFullDiskWritesNothingByHalves) {
  const auto store = Open();
  const auto lease = store->AcquireLease("fleet", std::chrono::hours(1));
  int written = 0;
  {
    const FullDisk full(1'000'000);
    absl::Status refusal;
    written = Fill(*store, &refusal);
    EXPECT_THAT(refusal, StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path_)));
    lobby::Batch batch{.servers = {FullServer("s-1")}};
    for (int i = 0; i < 500; ++i) batch.requests.push_back(Large("late-" + std::to_string(i)));
    EXPECT_THAT(store->Commit(**lease, batch),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path_)));
    EXPECT_TRUE(store->FindRequest("client-0")->has_value());
  }

  EXPECT_EQ(store->RequestsAfter(0, 100'000)->size(), written);
  EXPECT_TRUE(store->Servers()->empty());
  EXPECT_THAT(store->Check(), IsOk());
  const int64_t last = store->RequestsAfter(0, 100'000)->back().revision;
  EXPECT_EQ(store->WriteRequest(FullRequest("next"))->revision, last + 1);
}

TEST_F(SqliteFaults, WhatWasWrittenBeforeTheDiskWasFullIsThereAfterAReopen) {
  auto store = Open();
  int written = 0;
  {
    const FullDisk full(1'000'000);
    absl::Status refusal;
    written = Fill(*store, &refusal);
    store.reset();
  }

  store = Open();

  EXPECT_EQ(store->RequestsAfter(0, 100'000)->size(), written);
}

TEST_F(SqliteFaults, AFailedLeaseIsNotHeld) {
  const auto store = Open();
  {
    const FullDisk full(1);
    const auto lease = store->AcquireLease("fleet", std::chrono::hours(1));
    EXPECT_THAT(lease, StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path_)));
    EXPECT_THAT(store->Check(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path_)));
  }

  EXPECT_TRUE(store->AcquireLease("fleet", std::chrono::hours(1))->has_value());
}

}  // namespace
}  // namespace muster::store::sqlite
