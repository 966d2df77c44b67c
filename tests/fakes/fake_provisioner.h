#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "lobby/provisioner.h"
#include "tests/fakes/fake_game_server_client.h"

namespace muster::fakes {

// An engine in memory, whose servers are those of a FakeGameServerClient. Thread-safe.
class FakeProvisioner final : public lobby::Provisioner {
 public:
  // `client` outlives the object.
  explicit FakeProvisioner(FakeGameServerClient& client) : client_(client) {}

  // What servers are made from, from now on.
  void SetServer(const FakeGameServerClient::Server& server);
  void SetVersion(std::string version);
  // Starts fail with it until it is OK again.
  void FailStarts(absl::Status status);
  // Starts throw an exception with that text; empty: no more.
  void ThrowOnStart(std::string text);
  // List and Stop fail with it until it is OK again.
  void FailEngine(absl::Status status);
  // Starts wait until they are let go, or stopped.
  void HoldStarts(bool hold);

  // The server ends by itself; `tell`: the watch sees it.
  void Crash(const std::string& server_id, bool tell = true);
  // A server that somebody else left behind.
  void AddStray(const std::string& server_id);

  std::vector<std::string> running() const;
  int starts() const;
  int stops() const;
  // The most servers that were there, or being started, at a time.
  int most_servers() const;
  std::map<std::string, std::string> environment() const;

  std::string_view name() const override { return "fake"; }
  std::string version() const override;
  absl::StatusOr<lobby::Place> Start(const lobby::ServerSpec& spec, std::stop_token stop) override;
  absl::Status Stop(const std::string& server_id, std::stop_token stop) override;
  absl::StatusOr<std::vector<lobby::FoundServer>> List(std::stop_token stop) override;
  std::unique_ptr<Watch> WatchExits(OnExit on_exit, OnGap on_gap) override;

  static std::string ControlUrl(const std::string& server_id) { return "http://" + server_id; }

 private:
  class FakeWatch;
  void Wake();
  lobby::Place PlaceOf(const std::string& server_id) const;

  FakeGameServerClient& client_;
  mutable base::Mutex mu_;
  base::CondVar changed_;
  FakeGameServerClient::Server server_ ABSL_GUARDED_BY(mu_);
  std::string version_ ABSL_GUARDED_BY(mu_) = "v1";
  absl::Status start_failure_ ABSL_GUARDED_BY(mu_);
  absl::Status engine_failure_ ABSL_GUARDED_BY(mu_);
  std::string thrown_ ABSL_GUARDED_BY(mu_);
  bool hold_ ABSL_GUARDED_BY(mu_) = false;
  int starts_ ABSL_GUARDED_BY(mu_) = 0;
  int stops_ ABSL_GUARDED_BY(mu_) = 0;
  int most_servers_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, std::string> environment_ ABSL_GUARDED_BY(mu_);
  // Running ones, with the version they are of.
  std::map<std::string, std::string> running_ ABSL_GUARDED_BY(mu_);
  std::map<const FakeWatch*, OnExit> watches_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
