// Whatever happens: nobody is lost, nobody is in two places, nothing runs unknown.
#include <random>

#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lobby/fleet_driver.h"

namespace muster::lobby {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Mood = FleetDriver::Mood;

constexpr int kClients = 40;
constexpr int kMaxServers = 8;

class FleetPropertyTest : public testing::TestWithParam<uint64_t> {
 protected:
  FleetPropertyTest() : random_(GetParam()) {
    driver_.engine().SetServer({.slots = 4, .tells = GetParam() % 2 == 0});
  }

  int Pick(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  std::string Client() { return base::StrCat("client-", Pick(kClients)); }

  std::string AnyServer() {
    const std::vector<std::string> running = driver_.engine().running();
    return running.empty() ? ""
                           : running[static_cast<size_t>(Pick(static_cast<int>(running.size())))];
  }

  void DoSomething() {
    const std::string server = AnyServer();
    const int what = Pick(20);
    if (what < 8) driver_.Ask(Client());
    if (what >= 8 && what < 11) driver_.Cancel(Client());
    if (what == 11) driver_.Refresh(Refreshable());
    if (what == 12) driver_.TakeOver();
    if (what == 13) driver_.engine().FailStarts(absl::UnavailableError("busy"));
    if (what >= 14 && what < 16) driver_.engine().FailStarts(absl::OkStatus());
    if (server.empty()) return;
    if (what == 16) driver_.Crash(server);
    if (what == 17) driver_.SetMood(server, Mood::kTakesInSilence);
    if (what == 18) driver_.SetMood(server, Mood::kAnswers);
    if (what == 19) driver_.servers().Leave(fakes::FakeProvisioner::ControlUrl(server), Client());
  }

  // One that is there.
  std::string Refreshable() {
    driver_.Ask("client-0");
    return "client-0";
  }

  // All that went wrong is mended, and everything comes to rest.
  void Settle() {
    driver_.engine().FailStarts(absl::OkStatus());
    for (const std::string& server : driver_.engine().running()) {
      driver_.SetMood(server, Mood::kAnswers);
    }
    driver_.Run(seconds(120));
  }

  void ExpectNoServerOverCapacity() {
    for (const auto& [url, server] : driver_.servers().servers()) {
      EXPECT_LE(server.most_used, server.slots) << url;
    }
    EXPECT_LE(driver_.engine().most_servers(), kMaxServers);
  }

  FleetDriver driver_{
      {.max_servers = kMaxServers, .idle_timeout = seconds(30), .start_pause = milliseconds(100)}};

 private:
  std::mt19937_64 random_;
};

TEST_P(FleetPropertyTest, EverybodyIsServedOrKnowsWhyNot) {
  for (int i = 0; i < 150; ++i) {
    DoSomething();
    driver_.Run(milliseconds(Pick(3) == 0 ? Pick(3000) : Pick(5)));
    ExpectNoServerOverCapacity();
  }
  Settle();

  for (const Request& request : driver_.All()) {
    const bool over = request.state == RequestState::kFailed && !request.reason.empty();
    EXPECT_TRUE(request.state == RequestState::kDone || over)
        << "seed " << GetParam() << ": " << request.client_id << " is "
        << RequestStateName(request.state);
  }
}

TEST_P(FleetPropertyTest, StoreEngineAndServersAgreeInTheEnd) {
  for (int i = 0; i < 150; ++i) {
    DoSomething();
    driver_.Run(milliseconds(Pick(500)));
  }
  Settle();
  driver_.TakeOver();
  Settle();

  std::vector<std::string> recorded;
  for (const GameServer& server : std::vector<GameServer>(*driver_.store().Servers())) {
    recorded.push_back(server.id);
  }
  EXPECT_THAT(driver_.engine().running(), testing::UnorderedElementsAreArray(recorded))
      << "seed " << GetParam();
  for (const Request& request : driver_.All()) {
    if (request.state != RequestState::kDone) continue;
    EXPECT_THAT(recorded, testing::Contains(request.place.server_id)) << "seed " << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FleetPropertyTest, testing::Range<uint64_t>(1, 13));

}  // namespace
}  // namespace muster::lobby
