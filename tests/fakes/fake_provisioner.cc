#include "tests/fakes/fake_provisioner.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace muster::fakes {

class FakeProvisioner::FakeWatch final : public Watch {
 public:
  explicit FakeWatch(FakeProvisioner& owner) : owner_(owner) {}
  ~FakeWatch() override {
    base::MutexLock lock(&owner_.mu_);
    owner_.watches_.erase(this);
  }

 private:
  FakeProvisioner& owner_;
};

void FakeProvisioner::SetServer(const FakeGameServerClient::Server& server) {
  base::MutexLock lock(&mu_);
  server_ = server;
}

void FakeProvisioner::SetVersion(std::string version) {
  base::MutexLock lock(&mu_);
  version_ = std::move(version);
}

void FakeProvisioner::FailStarts(absl::Status status) {
  base::MutexLock lock(&mu_);
  start_failure_ = std::move(status);
}

void FakeProvisioner::ThrowOnStart(std::string text) {
  base::MutexLock lock(&mu_);
  thrown_ = std::move(text);
}

void FakeProvisioner::FailEngine(absl::Status status) {
  base::MutexLock lock(&mu_);
  engine_failure_ = std::move(status);
}

void FakeProvisioner::HoldStarts(bool hold) {
  base::MutexLock lock(&mu_);
  hold_ = hold;
  changed_.SignalAll();
}

void FakeProvisioner::Wake() {
  base::MutexLock lock(&mu_);
  changed_.SignalAll();
}

void FakeProvisioner::Crash(const std::string& server_id, bool tell) {
  client_.Remove(ControlUrl(server_id));
  base::MutexLock lock(&mu_);
  running_.erase(server_id);
  if (!tell) return;
  // Under the lock: a watch that ends waits for it.
  for (const auto& [watch, on_exit] : watches_) on_exit(server_id, "exited with 137");
}

void FakeProvisioner::AddStray(const std::string& server_id) {
  base::MutexLock lock(&mu_);
  running_[server_id] = version_;
}

std::vector<std::string> FakeProvisioner::running() const {
  base::MutexLock lock(&mu_);
  std::vector<std::string> ids;
  ids.reserve(running_.size());
  for (const auto& [id, version] : running_) ids.push_back(id);
  return ids;
}

int FakeProvisioner::starts() const {
  base::MutexLock lock(&mu_);
  return starts_;
}

int FakeProvisioner::stops() const {
  base::MutexLock lock(&mu_);
  return stops_;
}

int FakeProvisioner::most_servers() const {
  base::MutexLock lock(&mu_);
  return most_servers_;
}

std::map<std::string, std::string> FakeProvisioner::environment() const {
  base::MutexLock lock(&mu_);
  return environment_;
}

std::string FakeProvisioner::version() const {
  base::MutexLock lock(&mu_);
  return version_;
}

lobby::Place FakeProvisioner::PlaceOf(const std::string& server_id) const {
  return {.server_id = server_id, .port = 7777, .control_url = ControlUrl(server_id)};
}

absl::StatusOr<lobby::Place> FakeProvisioner::Start(const lobby::ServerSpec& spec,
                                                    std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { Wake(); });
  base::MutexLock lock(&mu_);
  ++starts_;
  environment_ = spec.environment;
  while (hold_ && !stop.stop_requested()) changed_.Wait(&mu_);
  if (stop.stop_requested()) return absl::CancelledError("the start was given up");
  if (!thrown_.empty()) throw std::runtime_error(thrown_);
  if (!start_failure_.ok()) return start_failure_;
  running_[spec.server_id] = version_;
  most_servers_ = std::max(most_servers_, static_cast<int>(running_.size()));
  client_.Add(ControlUrl(spec.server_id), server_);
  return PlaceOf(spec.server_id);
}

absl::Status FakeProvisioner::Stop(const std::string& server_id, std::stop_token /*stop*/) {
  base::MutexLock lock(&mu_);
  ++stops_;
  if (!engine_failure_.ok()) return engine_failure_;
  if (running_.erase(server_id) > 0) client_.Remove(ControlUrl(server_id));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<lobby::FoundServer>> FakeProvisioner::List(std::stop_token /*stop*/) {
  base::MutexLock lock(&mu_);
  if (!engine_failure_.ok()) return engine_failure_;
  std::vector<lobby::FoundServer> found;
  found.reserve(running_.size());
  for (const auto& [id, version] : running_) {
    found.push_back({.server_id = id, .running = true, .place = PlaceOf(id), .version = version});
  }
  return found;
}

std::unique_ptr<lobby::Provisioner::Watch> FakeProvisioner::WatchExits(OnExit on_exit,
                                                                       OnGap /*on_gap*/) {
  auto watch = std::make_unique<FakeWatch>(*this);
  base::MutexLock lock(&mu_);
  watches_[watch.get()] = std::move(on_exit);
  return watch;
}

}  // namespace muster::fakes
