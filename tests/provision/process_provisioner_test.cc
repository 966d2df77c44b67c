#include "provision/process_provisioner.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "gmock/gmock.h"
#include "provision/process_table.h"
#include "provision/spawn.h"
#include "tests/provision/provisioner_contract.h"
#include "tests/support/status_matchers.h"

namespace muster::provision {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::_;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::Pair;

constexpr int64_t kMaxOutputBytes = 10'000;

// Of this process alone; removed with it.
const std::string& RunDirectory() {
  static const struct Directory {
    std::string path = std::filesystem::temp_directory_path() / ("run-" + std::to_string(getpid()));
    ~Directory() { std::filesystem::remove_all(path); }
  } directory;
  return directory.path;
}

ProcessOptions Options(const std::string& deployment) {
  return {.command = TEST_SERVER,
          .deployment = deployment,
          .run_directory = RunDirectory(),
          .inherited = {{"PATH", "/usr/bin:/bin"}},
          .max_output_bytes = kMaxOutputBytes,
          .stop_timeout = std::chrono::milliseconds(1'000)};
}

std::unique_ptr<lobby::Provisioner> Make(ProcessOptions options) {
  auto made = ProcessProvisioner::Create(std::move(options));
  EXPECT_THAT(made, IsOk());
  return *std::move(made);
}

const ContractBackend kProcess = {
    .name = "Process",
    .make = [](const std::string& deployment) { return Make(Options(deployment)); },
    .make_broken =
        [](const std::string& deployment) {
          ProcessOptions options = Options(deployment);
          options.command = "/nowhere/server --fast";
          return Make(options);
        }};

INSTANTIATE_TEST_SUITE_P(Process, ProvisionerContract, testing::Values(kProcess), BackendName);

// With what the contract's fixture has.
class ProcessProvisionerTest : public ProvisionerContract {
 protected:
  // Before descriptors are short: the sanitizer needs a pipe for the first virtual call of a kind.
  void WarmUp() {
    Listed();
    EXPECT_TRUE(Eventually([] { return true; }));
  }
};
INSTANTIATE_TEST_SUITE_P(Process, ProcessProvisionerTest, testing::Values(kProcess), BackendName);

std::string LogOf(const std::string& deployment, const std::string& server_id) {
  return RunDirectory() + "/muster-" + deployment + "-" + server_id + ".log";
}

std::vector<MarkedProcess> Processes(const std::string& deployment) {
  auto found = FindMarkedProcesses({{"MUSTER_DEPLOYMENT", deployment}}, {});
  EXPECT_THAT(found, IsOk());
  return *std::move(found);
}

// Leaves the process `count` more file descriptors for as long as it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(int count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(next);
    few.rlim_cur = static_cast<rlim_t>(next + count);
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

// Whether the list has that one server, running.
MATCHER_P(IsRunning, server_id, "") {
  return arg.size() == 1 && arg[0].server_id == server_id && arg[0].running;
}

bool LeadsAGroup(const MarkedProcess& process) { return process.stat.group == process.pid; }

TEST_P(ProcessProvisionerTest, AServerIsNotGoneForWantOfDescriptors) {
  Start("s-1");
  WarmUp();

  for (int count = 0; count < 4; ++count) {
    absl::StatusOr<std::vector<lobby::FoundServer>> found = absl::UnknownError("");
    {
      const FewDescriptors few(count);
      found = provisioner_->List({});
    }
    // The directory is closed before its processes are looked at, one file at a time.
    if (count == 0) {
      EXPECT_THAT(found, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cannot be read")));
    } else {
      ASSERT_THAT(found, IsOk());
      EXPECT_THAT(*found, IsRunning("s-1"));
    }
  }
}

TEST_P(ProcessProvisionerTest, AServerThatCannotBeAdoptedForWantOfDescriptorsMakesNoList) {
  const auto other = GetParam().make(deployment_);
  Start("s-1");

  WarmUp();
  absl::StatusOr<std::vector<lobby::FoundServer>> found = absl::UnknownError("");
  {
    // One is enough for its pidfd, but then /proc cannot be looked at.
    const FewDescriptors one(1);
    found = other->List({});
  }
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kUnavailable, _));

  EXPECT_THAT(Listed(*other), ElementsAre("+s-1"));
}

TEST_P(ProcessProvisionerTest, AStartThatLacksDescriptorsLeavesNothing) {
  WarmUp();
  for (int count = 0; count < 5; ++count) {
    absl::StatusOr<lobby::Place> place = absl::UnknownError("");
    {
      const FewDescriptors few(count);
      place = provisioner_->Start({.server_id = "s-1"}, {});
    }
    if (place.ok()) break;
    EXPECT_THAT(place, StatusIs(absl::StatusCode::kResourceExhausted, _)) << count;
    EXPECT_THAT(Processes(deployment_), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(LogOf(deployment_, "s-1")));
  }
}

TEST_P(ProcessProvisionerTest, AStopThatIsStoppedEndsTheServerByForce) {
  const lobby::Place place = Start("s-1", {{"STUBBORN", "1"}, {"CHILD", "2"}});
  Ask(place, "/");
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THAT(provisioner_->Stop("s-1", stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled, _));

  EXPECT_THAT(Processes(deployment_), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(LogOf(deployment_, "s-1")));
}

TEST_P(ProcessProvisionerTest, AStopThatIsStoppedOnItsWayEndsTheServerByForce) {
  ProcessOptions options = Options(deployment_);
  options.stop_timeout = 2 * kLongWait;
  const auto patient = Make(options);
  const auto place = patient->Start({.server_id = "s-1", .environment = {{"STUBBORN", "1"}}}, {});
  ASSERT_THAT(place, IsOk());
  Ask(*place, "/");
  std::stop_source stop;
  absl::Status stopped;
  std::jthread stopper([&] { stopped = patient->Stop("s-1", stop.get_token()); });

  stop.request_stop();
  stopper.join();

  EXPECT_THAT(stopped, StatusIs(absl::StatusCode::kCancelled, _));
  EXPECT_THAT(Processes(deployment_), IsEmpty());
}

TEST_P(ProcessProvisionerTest, AChildWithASessionOfItsOwnIsNoServer) {
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  const lobby::Place place = Start("s-1", {{"CHILD", "2"}});
  ASSERT_TRUE(Eventually([&] {
    const std::vector<MarkedProcess> processes = Processes(deployment_);
    return std::count_if(processes.begin(), processes.end(), LeadsAGroup) == 2;
  }));

  Crash(place, 3);
  ASSERT_TRUE(exits_.WaitFor("s-1").has_value());

  EXPECT_THAT(Listed(), ElementsAre("s-1"));
  EXPECT_THAT(Listed(*GetParam().make(deployment_)), ElementsAre("s-1"));
}

TEST_P(ProcessProvisionerTest, OutputIsNotWrittenThroughALink) {
  const std::string target = RunDirectory() + "/target-" + deployment_;
  std::ofstream(target) << "precious";
  std::filesystem::create_symlink(target, LogOf(deployment_, "s-1"));

  EXPECT_FALSE(provisioner_->Start({.server_id = "s-1"}, {}).ok());

  EXPECT_EQ(std::filesystem::file_size(target), 8u);
  EXPECT_THAT(Processes(deployment_), IsEmpty());
}

TEST_P(ProcessProvisionerTest, AServerHasNoOtherVariables) {
  setenv("DATABASE_PASSWORD", "secret", 1);
  const lobby::Place place = Start("s-1");

  EXPECT_THAT(Ask(place, "/environment"),
              AllOf(HasSubstr("PATH=/usr/bin:/bin\n"), Not(HasSubstr("DATABASE_PASSWORD"))));
}

TEST_P(ProcessProvisionerTest, AServerLeadsASessionAndHasNoSignalBlocked) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  const lobby::Place place = Start("s-1");
  Ask(place, "/");
  const std::vector<MarkedProcess> processes = Processes(deployment_);
  ASSERT_EQ(processes.size(), 1u);

  EXPECT_EQ(getsid(processes[0].pid), processes[0].pid);
  std::ifstream file("/proc/" + std::to_string(processes[0].pid) + "/status");
  std::stringstream status;
  status << file.rdbuf();
  EXPECT_THAT(status.str(), HasSubstr("SigBlk:\t0000000000000000"));
  sigemptyset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

TEST_P(ProcessProvisionerTest, StopEndsWhatTheServerStarted) {
  const lobby::Place place = Start("s-1", {{"CHILD", "1"}});
  Ask(place, "/");
  EXPECT_EQ(Processes(deployment_).size(), 2u);

  EXPECT_THAT(provisioner_->Stop("s-1", {}), IsOk());

  EXPECT_THAT(Processes(deployment_), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(LogOf(deployment_, "s-1")));
}

TEST_P(ProcessProvisionerTest, ACrashEndsWhatTheServerStarted) {
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  const lobby::Place place = Start("s-1", {{"CHILD", "1"}});

  Crash(place, 3);
  ASSERT_TRUE(exits_.WaitFor("s-1").has_value());

  EXPECT_THAT(provisioner_->Stop("s-1", {}), IsOk());
  EXPECT_THAT(Processes(deployment_), IsEmpty());
}

TEST_P(ProcessProvisionerTest, OutputOverTheBoundIsCut) {
  const lobby::Place place = Start("s-1");
  const std::string log = LogOf(deployment_, "s-1");
  std::filesystem::resize_file(log, 2 * kMaxOutputBytes);

  EXPECT_TRUE(Eventually([&] { return std::filesystem::file_size(log) == 0; }));

  EXPECT_THAT(Ask(place, "/"), HasSubstr("ok"));
}

TEST_P(ProcessProvisionerTest, ASignalIsToldAsOne) {
  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  Start("s-1");
  const std::vector<MarkedProcess> processes = Processes(deployment_);
  ASSERT_EQ(processes.size(), 1u);

  kill(processes[0].pid, SIGKILL);

  EXPECT_THAT(exits_.WaitFor("s-1"), Optional(HasSubstr("exited with 137 (signal 9)")));
}

TEST_P(ProcessProvisionerTest, ServersOfAKilledLobbyAreAdopted) {
  const pid_t lobby = fork();
  if (lobby == 0) {
    // The child of a process with threads: it starts a server through the bare spawn, and dies.
    const SpawnSpec spec = {.program = TEST_SERVER,
                            .arguments = {TEST_SERVER},
                            .environment = {"MUSTER_DEPLOYMENT=" + deployment_, "SERVER_ID=s-9",
                                            "GAME_PORT=0", "CONTROL_PORT=0"},
                            .pid_variable = "MUSTER_PID",
                            .output_path = LogOf(deployment_, "s-9")};
    _exit(Spawn(spec).ok() ? 0 : 1);
  }
  int status = -1;
  waitpid(lobby, &status, 0);
  ASSERT_EQ(status, 0);

  const auto watch = provisioner_->WatchExits(exits_.Recorder(), [] {});
  EXPECT_THAT(Listed(), ElementsAre("+s-9"));
  kill(Processes(deployment_).at(0).pid, SIGKILL);

  EXPECT_THAT(exits_.WaitFor("s-9"), Optional(HasSubstr("ended")));
}

TEST(ProcessProvisioner, WrongOptionsAreRefused) {
  ProcessOptions no_command = Options("a");
  no_command.command = "  ";
  EXPECT_THAT(ProcessProvisioner::Create(no_command),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("command")));
  EXPECT_THAT(ProcessProvisioner::Create(Options("Not A Name")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deployment")));
  ProcessOptions no_directory = Options("a");
  no_directory.run_directory = "/nowhere/at/all";
  EXPECT_THAT(ProcessProvisioner::Create(no_directory),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("/nowhere/at/all")));
}

TEST(ProcessProvisioner, AnUnsafeRunDirectoryIsRefused) {
  ProcessOptions options = Options("a");
  options.run_directory = RunDirectory() + "-unsafe";
  const std::string link = options.run_directory + "-link";
  std::filesystem::create_directory(options.run_directory);
  std::filesystem::create_directory_symlink(options.run_directory, link);

  chmod(options.run_directory.c_str(), 0777);
  EXPECT_THAT(ProcessProvisioner::Create(options),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("this user alone")));
  chmod(options.run_directory.c_str(), 0755);
  EXPECT_THAT(ProcessProvisioner::Create(options), IsOk());
  options.run_directory = link;
  EXPECT_THAT(ProcessProvisioner::Create(options),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr(link)));
  std::filesystem::remove(link);
  std::filesystem::remove_all(RunDirectory() + "-unsafe");
}

TEST(ProcessProvisioner, VersionTellsCommandsAndConfiguredVariablesApart) {
  ProcessOptions other = Options("a");
  other.command += " --fast";
  ProcessOptions configured = Options("a");
  configured.environment = {{"MAP", "desert"}};
  ProcessOptions elsewhere = Options("a");
  elsewhere.inherited = {{"PATH", "/bin"}, {"TZ", "UTC"}};

  EXPECT_NE(Make(Options("a"))->version(), Make(other)->version());
  EXPECT_NE(Make(Options("a"))->version(), Make(configured)->version());
  EXPECT_EQ(Make(Options("a"))->version(), Make(elsewhere)->version());
  EXPECT_EQ(Make(Options("a"))->version(), Make(Options("b"))->version());
}

TEST(ProcessProvisioner, FourVariablesAreInherited) {
  const base::MapEnvironment environment({{"HOME", "/home/a"}, {"TZ", "UTC"}, {"SECRET", "x"}});

  EXPECT_THAT(InheritedEnvironment(environment),
              ElementsAre(Pair("HOME", "/home/a"), Pair("PATH", "/usr/local/bin:/usr/bin:/bin"),
                          Pair("TZ", "UTC")));
}

}  // namespace
}  // namespace muster::provision
