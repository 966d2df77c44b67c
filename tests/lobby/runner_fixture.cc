#include "tests/lobby/runner_fixture.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/stop_wait.h"
#include "base/strings.h"

namespace muster::lobby {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kVeryLong{60};

}  // namespace

std::vector<std::string> RecordingObserver::told() const {
  const std::lock_guard lock(mu_);
  return told_;
}

int RecordingObserver::Count(const std::string& what) const {
  const std::vector<std::string> all = told();
  return static_cast<int>(std::count(all.begin(), all.end(), what));
}

void RecordingObserver::Add(std::string what) {
  const std::lock_guard lock(mu_);
  told_.push_back(std::move(what));
}

RunnerFixture::RunnerFixture() {
  options_.fleet.call_pause = milliseconds(20);
  options_.fleet.look_interval = milliseconds(20);
  options_.fleet.start_pause = milliseconds(10);
  options_.fleet.slots = 4;
  options_.token_of = [](const std::string& server_id) { return "token of " + server_id; };
  options_.lease_ttl = milliseconds(600);
  options_.list_interval = milliseconds(50);
}

std::unique_ptr<FleetRunner> RunnerFixture::StartRunner(Store& store) {
  return std::make_unique<FleetRunner>(
      options_,
      FleetRunner::Ports{store, bus_, engine_, servers_, observer_, base::Clock::System()},
      base::IdSeed{++runners_ * 1'000'000, 1});
}

void RunnerFixture::Ask(const std::string& client_id) {
  const base::Timestamp now = base::Clock::System().Now();
  Request request{.client_id = client_id, .id = "request of " + client_id};
  request.created_at = request.changed_at = now;
  request.expires_at = now + std::chrono::hours(1);
  Eventually([&] {
    const auto present = store_->FindRequest(client_id);
    if (!present.ok()) return false;
    if (present->has_value()) {
      if ((*present)->state != RequestState::kFailed) return true;
      request.revision = (*present)->revision;
      request.attempts = (*present)->attempts;
    }
    return store_->WriteRequest(request).ok();
  });
  bus_.Publish(kWorkChannel, "");
}

void RunnerFixture::AskMany(int count) {
  for (int i = 0; i < count; ++i) Ask(base::StrCat("client-", i));
}

void RunnerFixture::Cancel(const std::string& client_id) {
  Eventually([&] {
    auto request = store_->FindRequest(client_id);
    if (!request.ok() || !request->has_value()) return false;
    (*request)->state = RequestState::kCancelled;
    return store_->WriteRequest(**request).ok();
  });
  bus_.Publish(kWorkChannel, "");
}

Request RunnerFixture::Find(const std::string& client_id) {
  const auto request = store_->FindRequest(client_id);
  return request.ok() ? request->value_or(Request{}) : Request{};
}

std::vector<Request> RunnerFixture::All() {
  return store_->RequestsAfter(0, 1'000'000).value_or(std::vector<Request>());
}

bool RunnerFixture::IsDone(const std::string& client_id) {
  return Find(client_id).state == RequestState::kDone;
}

bool RunnerFixture::AllAreServed(int count) {
  std::multiset<std::string> holders;
  const std::map<std::string, fakes::FakeGameServerClient::Server> servers = servers_.servers();
  for (const auto& [url, server] : servers) {
    if (server.most_used > server.slots) return false;
    holders.insert(server.held.begin(), server.held.end());
  }
  int done = 0;
  for (const Request& request : All()) {
    if (request.state != RequestState::kDone || holders.count(request.client_id) != 1) continue;
    const auto server = servers.find(request.place.control_url);
    done += server != servers.end() && server->second.held.contains(request.client_id) ? 1 : 0;
  }
  return done == count;
}

bool RunnerFixture::NothingRunsUnknown() {
  const auto servers = store_->Servers();
  if (!servers.ok()) return false;
  std::vector<std::string> recorded;
  recorded.reserve(servers->size());
  for (const GameServer& server : *servers) recorded.push_back(server.id);
  std::vector<std::string> running = engine_.running();
  std::ranges::sort(recorded);
  std::ranges::sort(running);
  return recorded == running;
}

bool RunnerFixture::Eventually(const std::function<bool()>& holds) {
  const base::Clock& clock = base::Clock::System();
  const base::MonotonicTime end = clock.MonotonicNow() + kVeryLong;
  while (!holds()) {
    if (clock.MonotonicNow() >= end) return false;
    // Nothing stops it.
    (void)base::WaitUnlessStopped(milliseconds(1), std::stop_token());
  }
  return true;
}

}  // namespace muster::lobby
