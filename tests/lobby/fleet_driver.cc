#include "tests/lobby/fleet_driver.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace muster::lobby {

namespace {

constexpr std::chrono::milliseconds kCallTime{1};
constexpr std::chrono::milliseconds kListInterval{30'000};
constexpr std::chrono::hours kForLong{24'000};
// Decisions at one point of time; more mean that it never comes to rest.
constexpr int kMaxStepsAtOnce = 10'000;

}  // namespace

FleetDriver::FleetDriver(const FleetOptions& options) : options_(options) { Begin(); }

void FleetDriver::Begin() {
  lease_ = **store_.AcquireLease("fleet", kForLong);
  events_.clear();
  revision_read_ = 0;
  fleet_ = std::make_unique<Fleet>(options_, engine_.version(),
                                   base::IdGenerator({static_cast<uint64_t>(++fleets_), 1}));
  const std::vector<GameServer> servers = *store_.Servers();
  for (const GameServer& server : servers) fleet_->OnServer(server, false);
  next_ = now();
  List();
}

void FleetDriver::TakeOver() {
  EXPECT_TRUE(store_.ReleaseLease(lease_).ok());
  Begin();
}

void FleetDriver::Ask(const std::string& client_id) {
  Request request = store_.FindRequest(client_id)->value_or(Request{.client_id = client_id});
  const bool waits = request.revision != 0 && request.state != RequestState::kFailed;
  const bool refused = request.attempts >= options_.request_attempts && request.retry_at > now();
  if (!waits && !refused) AskAnew(client_id);
}

void FleetDriver::AskAnew(const std::string& client_id) {
  Request request = store_.FindRequest(client_id)->value_or(Request{.client_id = client_id});
  request.id = base::StrCat("request-", ++asks_);
  request.state = RequestState::kCreated;
  request.place = {};
  request.created_at = request.changed_at = now();
  Write(std::move(request));
}

void FleetDriver::AskMany(int count) {
  for (int i = 0; i < count; ++i) Ask(base::StrCat("client-", i));
}

void FleetDriver::Cancel(const std::string& client_id) {
  Request request = Find(client_id);
  if (request.revision == 0) return;
  request.state = RequestState::kCancelled;
  Write(std::move(request));
}

void FleetDriver::Refresh(const std::string& client_id) { Write(Find(client_id)); }

void FleetDriver::Write(Request request) {
  request.expires_at = now() + options_.record_ttl;
  EXPECT_TRUE(store_.WriteRequest(request).ok());
  next_ = now();
}

Request FleetDriver::Find(const std::string& client_id) {
  return store_.FindRequest(client_id)->value_or(Request{});
}

std::vector<Request> FleetDriver::All() { return *store_.RequestsAfter(0, 1'000'000); }

int FleetDriver::Count(RequestState state) {
  const std::vector<Request> all = All();
  return static_cast<int>(std::count_if(
      all.begin(), all.end(), [state](const Request& request) { return request.state == state; }));
}

std::string FleetDriver::ServerOf(const std::string& client_id) {
  const Request request = Find(client_id);
  return request.state == RequestState::kDone ? request.place.server_id : "";
}

fakes::FakeGameServerClient::Server FleetDriver::Server(const std::string& server_id) const {
  return servers_.Find(fakes::FakeProvisioner::ControlUrl(server_id));
}

void FleetDriver::SetMood(const std::string& server_id, Mood mood) {
  servers_.SetMood(fakes::FakeProvisioner::ControlUrl(server_id), mood);
}

void FleetDriver::Crash(const std::string& server_id) {
  engine_.Crash(server_id, false);
  fleet_->OnExit(server_id, "exited with 137", now());
  next_ = now();
}

void FleetDriver::Schedule(std::chrono::milliseconds delay, std::function<void()> event) {
  events_.emplace(now() + delay, std::move(event));
}

void FleetDriver::Run(std::chrono::milliseconds duration) {
  const base::Timestamp end = now() + duration;
  for (int steps = 0; steps < kMaxStepsAtOnce; ++steps) {
    Step();
    base::Timestamp next = next_;
    if (!events_.empty()) next = std::min(next, events_.begin()->first);
    if (next > end) {
      clock_.Advance(end - now());
      return;
    }
    if (next <= now()) continue;
    steps = 0;
    clock_.Advance(next - now());
    while (!events_.empty() && events_.begin()->first <= now()) {
      const auto event = events_.extract(events_.begin());
      event.mapped()();
    }
  }
  ADD_FAILURE() << "the fleet never comes to rest";
}

void FleetDriver::ReadStore() {
  const std::vector<Request> changed = *store_.RequestsAfter(revision_read_, 1'000'000);
  for (const Request& request : changed) {
    revision_read_ = request.revision;
    fleet_->OnRequest(request);
  }
  const std::vector<Request> expired = *store_.ExpiredRequests(now(), 100);
  for (const Request& request : expired) fleet_->OnExpired(request);
}

void FleetDriver::Step() {
  ReadStore();
  const FleetDecisions decisions = fleet_->Decide(now());
  next_ = decisions.next;
  std::vector<int64_t> revisions;
  if (!decisions.batch.empty()) revisions = *store_.Commit(lease_, decisions.batch);
  if (std::count(revisions.begin(), revisions.end(), 0) > 0) next_ = now();
  fleet_->OnCommitted(decisions, revisions);
  Make(decisions, revisions);
}

void FleetDriver::Make(const FleetDecisions& decisions, const std::vector<int64_t>& revisions) {
  for (const auto& call : decisions.reserve) {
    if (call.needs < 0 || revisions[static_cast<size_t>(call.needs)] != 0) Reserve(call);
  }
  for (const auto& call : decisions.release) Release(call);
  for (const auto& call : decisions.ask) AskServer(call);
  for (const std::string& server_id : decisions.start) Start(server_id);
  for (const std::string& server_id : decisions.stop) {
    const absl::Status status = engine_.Stop(server_id, {});
    Schedule(kCallTime, [this, server_id, status] { fleet_->OnStopped(server_id, status, now()); });
  }
  news_.insert(news_.end(), decisions.news.begin(), decisions.news.end());
}

std::chrono::milliseconds FleetDriver::DelayOf(bool answered, const std::string& control_url,
                                               std::chrono::milliseconds timeout) const {
  const bool hangs = servers_.Find(control_url).mood != Mood::kAnswers;
  return !answered && hangs ? timeout : kCallTime;
}

void FleetDriver::Reserve(const FleetDecisions::SlotCall& call) {
  timeouts_.push_back(call.timeout);
  servers_.Reserve(
      call.control_url, call.client_id, call.timeout,
      [this, call](SlotAnswer answer, const std::string& detail) {
        const bool answered = answer != SlotAnswer::kNoAnswer;
        Schedule(DelayOf(answered, call.control_url, call.timeout),
                 [this, call, answer, detail] { fleet_->OnReserved(call, answer, detail, now()); });
      });
}

void FleetDriver::Release(const FleetDecisions::SlotCall& call) {
  servers_.Release(call.control_url, call.client_id, call.timeout,
                   [this, call](SlotAnswer answer, const std::string&) {
                     const bool answered = answer != SlotAnswer::kNoAnswer;
                     Schedule(DelayOf(answered, call.control_url, call.timeout),
                              [this, call, answer] { fleet_->OnReleased(call, answer); });
                   });
}

void FleetDriver::AskServer(const FleetDecisions::StatusCall& call) {
  servers_.Ask(call.control_url, call.timeout,
               [this, call](const absl::StatusOr<std::optional<Occupancy>>& occupancy) {
                 Schedule(DelayOf(occupancy.ok(), call.control_url, call.timeout),
                          [this, call, occupancy] {
                            fleet_->OnOccupancy(call.server_id, occupancy, now());
                          });
               });
}

void FleetDriver::Start(const std::string& server_id) {
  absl::StatusOr<Place> place;
  try {
    place = engine_.Start({.server_id = server_id}, {});
  } catch (const std::exception& error) {
    place = absl::InternalError(error.what());
  }
  Schedule(start_time_, [this, server_id, place] { fleet_->OnStarted(server_id, place, now()); });
}

void FleetDriver::List() {
  const auto found = engine_.List({});
  Schedule(kCallTime, [this, found, asked_at = now()] {
    if (found.ok()) fleet_->OnList(*found, asked_at);
    Schedule(kListInterval, [this] { List(); });
  });
}

}  // namespace muster::lobby
