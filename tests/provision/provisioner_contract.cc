#include "tests/provision/provisioner_contract.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/stop_wait.h"
#include "gmock/gmock.h"
#include "net/curl_sender.h"
#include "tests/support/status_matchers.h"

namespace muster::provision {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::_;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr std::chrono::milliseconds kPause{50};

}  // namespace

std::string BackendName(const testing::TestParamInfo<ContractBackend>& backend) {
  return backend.param.name;
}

std::ostream& operator<<(std::ostream& out, const ContractBackend& backend) {
  return out << backend.name;
}

bool Eventually(const std::function<bool()>& condition) {
  const base::MonotonicTime deadline = base::Clock::System().MonotonicNow() + kLongWait;
  while (!condition()) {
    if (base::Clock::System().MonotonicNow() > deadline) return false;
    if (!base::WaitUnlessStopped(kPause, {})) return false;
  }
  return true;
}

std::string NewDeployment() {
  static std::atomic<int> count = 0;
  return absl::StrCat("t", getpid(), "-", ++count);
}

lobby::Provisioner::OnExit ExitLog::Recorder() {
  return [this](const std::string& server_id, const std::string& reason) {
    base::MutexLock lock(&mu_);
    reasons_[server_id] = reason;
    told_.SignalAll();
  };
}

std::optional<std::string> ExitLog::WaitFor(const std::string& server_id) {
  base::MutexLock lock(&mu_);
  while (!reasons_.contains(server_id)) {
    if (told_.WaitFor(&mu_, kLongWait)) return std::nullopt;
  }
  return reasons_[server_id];
}

ProvisionerContract::ProvisionerContract()
    : deployment_(NewDeployment()), provisioner_(GetParam().make(deployment_)) {}

ProvisionerContract::~ProvisionerContract() {
  const auto found = provisioner_->List({});
  EXPECT_THAT(found, IsOk());
  if (!found.ok()) return;
  for (const lobby::FoundServer& server : *found) {
    EXPECT_THAT(provisioner_->Stop(server.server_id, {}), IsOk());
  }
}

lobby::Place ProvisionerContract::Start(const std::string& server_id,
                                        std::map<std::string, std::string> environment) {
  const auto place =
      provisioner_->Start({.server_id = server_id, .environment = std::move(environment)}, {});
  EXPECT_THAT(place, IsOk());
  return place.value_or(lobby::Place{});
}

std::vector<std::string> ProvisionerContract::Listed(lobby::Provisioner& provisioner) {
  const auto found = provisioner.List({});
  EXPECT_THAT(found, IsOk());
  std::vector<std::string> listed;
  if (!found.ok()) return listed;
  for (const lobby::FoundServer& server : *found) {
    listed.push_back((server.running ? "+" : "") + server.server_id);
  }
  std::sort(listed.begin(), listed.end());
  return listed;
}

std::string ProvisionerContract::Ask(const lobby::Place& place, const std::string& path) {
  net::CurlSender sender("test");
  std::string body;
  EXPECT_TRUE(Eventually([&] {
    const auto answer = sender.Send({.url = place.control_url + path}, {});
    if (answer.ok()) body = answer->body;
    return answer.ok();
  })) << place.control_url;
  return body;
}

void ProvisionerContract::Crash(const lobby::Place& place, int code) {
  Ask(place, "/");
  net::CurlSender sender("test");
  // It exits instead of answering.
  (void)sender.Send({.url = absl::StrCat(place.control_url, "/exit/", code)}, {});
}

TEST_P(ProvisionerContract, ListFindsAStartedServerWithItsPlace) {
  const lobby::Place place = Start("s-1");

  const auto found = provisioner_->List({});

  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(*found, SizeIs(1));
  EXPECT_TRUE(found->front().running);
  EXPECT_EQ(found->front().server_id, "s-1");
  EXPECT_EQ(found->front().place, place);
  EXPECT_EQ(found->front().version, provisioner_->version());
  EXPECT_EQ(place.server_id, "s-1");
  EXPECT_GT(place.port, 0);
  EXPECT_FALSE(provisioner_->version().empty());
}

TEST_P(ProvisionerContract, AServerIsToldWhoItIsAndWhatTheSpecSays) {
  const lobby::Place place = Start("s-1", {{"LOBBY_URL", "http://lobby"}, {"SERVER_ID", "other"}});

  const std::string environment = Ask(place, "/environment");

  EXPECT_THAT(environment,
              AllOf(HasSubstr("SERVER_ID=s-1\n"), HasSubstr("GAME_PORT="),
                    HasSubstr("CONTROL_PORT="), HasSubstr("LOBBY_URL=http://lobby\n")));
}

TEST_P(ProvisionerContract, ThePlacesPortIsTheGames) {
  const lobby::Place place = Start("s-1");
  const std::string host = place.node_address.empty() ? "127.0.0.1" : place.node_address;

  const lobby::Place game = {.control_url = absl::StrCat("http://", host, ":", place.port)};

  EXPECT_EQ(Ask(game, "/"), "s-1");
}

TEST_P(ProvisionerContract, StopLeavesNothingAndMayBeCalledAgain) {
  Start("s-1");

  EXPECT_THAT(provisioner_->Stop("s-1", {}), IsOk());

  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_THAT(provisioner_->Stop("s-1", {}), IsOk());
  EXPECT_THAT(provisioner_->Stop("never-there", {}), IsOk());
}

TEST_P(ProvisionerContract, StopEndsByForceWhatPassesOverTheSignal) {
  const lobby::Place place = Start("s-1", {{"STUBBORN", "1"}});
  Ask(place, "/");

  EXPECT_THAT(provisioner_->Stop("s-1", {}), IsOk());

  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_P(ProvisionerContract, AnExitIsToldWithItsCodeAndLastLine) {
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  const lobby::Place place = Start("s-1");

  Crash(place, 3);

  EXPECT_THAT(exits_.WaitFor("s-1"),
              Optional(AllOf(HasSubstr("exited with 3"), HasSubstr("last words"))));
}

TEST_P(ProvisionerContract, AnExitByStopIsToldToo) {
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  const lobby::Place place = Start("s-1");
  Ask(place, "/");

  EXPECT_THAT(provisioner_->Stop("s-1", {}), IsOk());

  EXPECT_THAT(exits_.WaitFor("s-1"), Optional(_));
}

TEST_P(ProvisionerContract, AnExitThatNobodyWatchedIsSeenInTheList) {
  const lobby::Place place = Start("s-1");

  Crash(place, 3);

  EXPECT_TRUE(Eventually([&] { return Listed() != std::vector<std::string>{"+s-1"}; }));
}

TEST_P(ProvisionerContract, AFailedStartLeavesNothing) {
  const auto broken = GetParam().make_broken(deployment_);

  const auto place = broken->Start({.server_id = "s-1"}, {});

  EXPECT_THAT(place, StatusIs(absl::StatusCode::kNotFound, HasSubstr("server")));
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_P(ProvisionerContract, DeploymentsDoNotSeeEachOther) {
  const std::string other_deployment = NewDeployment();
  const auto other = GetParam().make(other_deployment);
  Start("s-1");

  EXPECT_THAT(Listed(*other), IsEmpty());
  EXPECT_THAT(other->Stop("s-1", {}), IsOk());

  EXPECT_THAT(Listed(), ElementsAre("+s-1"));
}

TEST_P(ProvisionerContract, ACancelledStartLeavesNothing) {
  std::stop_source stop;
  stop.request_stop();

  const auto place = provisioner_->Start({.server_id = "s-1"}, stop.get_token());

  EXPECT_THAT(place, StatusIs(absl::StatusCode::kCancelled, _));
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_P(ProvisionerContract, AStartThatIsCancelledOnItsWayIsWholeOrLeavesNothing) {
  std::stop_source stop;
  absl::StatusOr<lobby::Place> place = absl::UnknownError("");
  std::jthread starter(
      [&] { place = provisioner_->Start({.server_id = "s-1"}, stop.get_token()); });

  EXPECT_TRUE(base::WaitUnlessStopped(kPause, {}));
  stop.request_stop();
  starter.join();

  if (place.ok()) {
    EXPECT_THAT(Listed(), ElementsAre("+s-1"));
  } else {
    EXPECT_THAT(place, StatusIs(absl::StatusCode::kCancelled, _));
    EXPECT_THAT(Listed(), IsEmpty());
  }
}

TEST_P(ProvisionerContract, OtherCallsAreCancelledToo) {
  std::stop_source stop;
  stop.request_stop();
  Start("s-1", {{"STUBBORN", "1"}});

  EXPECT_THAT(provisioner_->List(stop.get_token()), StatusIs(absl::StatusCode::kCancelled, _));
  EXPECT_THAT(provisioner_->Stop("s-1", stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled, _));
}

TEST_P(ProvisionerContract, IdsThatAreNoneAreRefused) {
  for (const std::string id : {"", "a", "Upper", "a/b", "..", "-ab", "a b"}) {
    EXPECT_THAT(provisioner_->Start({.server_id = id}, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("server id")));
  }
}

TEST_P(ProvisionerContract, ASuccessorFindsWatchesAndStopsServers) {
  const lobby::Place place = Start("s-1");
  Start("s-2");

  const auto successor = GetParam().make(deployment_);
  EXPECT_THAT(Listed(*successor), ElementsAre("+s-1", "+s-2"));
  const auto watch = successor->WatchExits(exits_.Recorder(), [] {});
  Crash(place, 3);
  EXPECT_THAT(exits_.WaitFor("s-1"), Optional(_));
  EXPECT_THAT(successor->Stop("s-2", {}), IsOk());

  EXPECT_THAT(Listed(), AnyOf(IsEmpty(), ElementsAre("s-1")));
}

TEST_P(ProvisionerContract, AServerThatRunsIsNotStartedAgain) {
  const lobby::Place place = Start("s-1");

  EXPECT_EQ(Start("s-1"), place);

  EXPECT_THAT(Listed(), ElementsAre("+s-1"));
}

TEST_P(ProvisionerContract, AServerThatEndedIsReplaced) {
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  const lobby::Place first = Start("s-1");
  Crash(first, 3);
  ASSERT_THAT(exits_.WaitFor("s-1"), Optional(_));

  Start("s-1");

  EXPECT_THAT(Listed(), ElementsAre("+s-1"));
}

TEST_P(ProvisionerContract, ServersStartAtOnceWithPortsOfTheirOwn) {
  constexpr int kServers = 4;
  std::vector<lobby::Place> places(kServers);
  {
    std::vector<std::jthread> starters;
    for (int i = 0; i < kServers; ++i) {
      starters.emplace_back([&, i] { places[i] = Start(absl::StrCat("s-", i)); });
    }
  }

  std::set<std::string> addresses;
  for (const lobby::Place& place : places) {
    addresses.insert(absl::StrCat(place.node_address, ":", place.port));
    EXPECT_THAT(Ask(place, "/environment"), HasSubstr("SERVER_ID=" + place.server_id));
  }
  EXPECT_THAT(addresses, SizeIs(kServers));
}

}  // namespace muster::provision
