#include "gameserver/lobby_notifier.h"

#include <string>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http_sender.h"
#include "tests/gameserver/eventually.h"

namespace muster::gameserver {
namespace {

constexpr const char* kPath = "/v1/servers/s%2F1/changed";

class LobbyNotifierTest : public testing::Test {
 protected:
  LobbyNotifierTest() { lobby_.Answer(kPath, {.status = 202}); }

  fakes::FakeClock clock_;
  JsonLog log_{clock_, [this](std::string_view line) {
                 base::MutexLock lock(&mu_);
                 text_ += line;
               }};
  std::string LogText() {
    base::MutexLock lock(&mu_);
    return text_;
  }

  fakes::FakeHttpSender lobby_;
  base::Mutex mu_;
  std::string text_ ABSL_GUARDED_BY(mu_);
  LobbyNotifier::Options options_{.lobby_url = "http://lobby:3000",
                                  .server_id = "s/1",
                                  .token = "secret",
                                  .pause = std::chrono::milliseconds(0)};
};

TEST_F(LobbyNotifierTest, PostsWithTheServersToken) {
  LobbyNotifier notifier(options_, lobby_, log_);

  notifier.NotifyChanged();

  ASSERT_TRUE(lobby_.WaitForCalls(kPath, 1));
  const base::HttpRequest request = lobby_.Last(kPath);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://lobby:3000/v1/servers/s%2F1/changed");
  EXPECT_EQ(fakes::HeaderOf(request, "Authorization"), "Bearer secret");
  EXPECT_TRUE(request.body.empty());
}

TEST_F(LobbyNotifierTest, ChangesDuringACallAreOneCallMore) {
  lobby_.Hold(kPath);
  LobbyNotifier notifier(options_, lobby_, log_);
  notifier.NotifyChanged();
  ASSERT_TRUE(lobby_.WaitForCalls(kPath, 1));

  for (int i = 0; i < 100; ++i) notifier.NotifyChanged();
  lobby_.Release(kPath);

  ASSERT_TRUE(lobby_.WaitForCalls(kPath, 2));
  EXPECT_EQ(lobby_.Calls(kPath), 2);
}

TEST_F(LobbyNotifierTest, CountsWhatFailsAndSaysItOnce) {
  lobby_.Answer(kPath, {.status = 503});
  LobbyNotifier notifier(options_, lobby_, log_);
  notifier.NotifyChanged();
  ASSERT_TRUE(Eventually([&] { return notifier.counts().failed == 1; }));
  notifier.NotifyChanged();
  ASSERT_TRUE(Eventually([&] { return notifier.counts().failed == 2; }));

  lobby_.Answer(kPath, {.status = 200});
  notifier.NotifyChanged();
  ASSERT_TRUE(Eventually([&] { return notifier.counts().sent == 1; }));

  const std::string log = LogText();
  EXPECT_EQ(log.find("cannot be told"), log.rfind("cannot be told"));
  EXPECT_NE(log.find("told again"), std::string::npos);
  EXPECT_EQ(log.find("secret"), std::string::npos);
}

TEST_F(LobbyNotifierTest, ALobbyThatCannotBeReachedIsAFailure) {
  lobby_.Fail(kPath, absl::UnavailableError("no lobby"));
  LobbyNotifier notifier(options_, lobby_, log_);

  notifier.NotifyChanged();

  EXPECT_TRUE(Eventually([&] { return notifier.counts().failed == 1; }));
  EXPECT_NE(LogText().find("no lobby"), std::string::npos);
}

TEST_F(LobbyNotifierTest, EndsWhileTheLobbyIsSilent) {
  lobby_.Hold(kPath);
  auto notifier = std::make_unique<LobbyNotifier>(options_, lobby_, log_);
  notifier->NotifyChanged();
  ASSERT_TRUE(lobby_.WaitForCalls(kPath, 1));

  notifier.reset();

  EXPECT_EQ(lobby_.Calls(kPath), 1);
}

}  // namespace
}  // namespace muster::gameserver
