#include "lobby/fleet_loop.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "lobby/records.h"

namespace muster::lobby {

namespace {

// Records read from the store at a time.
constexpr size_t kPage = 500;
// Expired ones removed at a time.
constexpr size_t kMaxExpired = 100;
// After a failure of the store or the engine, doubled each time.
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLastPause{2'000};
// Sleeps no longer, whatever the clock says.
constexpr std::chrono::milliseconds kLongestSleep{1'000};
// Longer than a take-over takes.
constexpr std::chrono::minutes kToldAgain{5};

}  // namespace

void FleetRunner::Loop::Trouble::Note(const absl::Status& status) {
  const bool troubled = pause_ > std::chrono::milliseconds(0);
  if (status.ok()) {
    pause_ = std::chrono::milliseconds(0);
  } else {
    pause_ = troubled ? std::min(2 * pause_, kLastPause) : kFirstPause;
  }
  if (troubled == status.ok()) observer_.OnTrouble(what_, status);
}

FleetRunner::Loop::Loop(const Options& options, const Ports& ports, base::IdSeed seed,
                        std::shared_ptr<FleetInbox> inbox)
    : options_(options),
      ports_(ports),
      seed_(seed),
      inbox_(std::move(inbox)),
      lease_(ports.store, ports.clock, options.lease_ttl),
      store_trouble_("store", ports.observer),
      engine_trouble_("engine", ports.observer),
      wall_anchor_(ports.clock.Now()),
      monotonic_anchor_(ports.clock.MonotonicNow()),
      calls_({.max_starting = options.fleet.max_starting,
              .server_environment = options.server_environment,
              .token_of = options.token_of},
             ports.provisioner, ports.game_servers, inbox_) {}

base::Timestamp FleetRunner::Loop::Now() const {
  return wall_anchor_ + std::chrono::floor<std::chrono::milliseconds>(ports_.clock.MonotonicNow() -
                                                                      monotonic_anchor_);
}

void FleetRunner::Loop::Run() {
  while (!IsDone()) {
    Read(inbox_->Await(UntilNextRound()));
    KeepLease();
    Round();
  }
  TellWhatIsLeft();
  DropFleet();
  SetOwner(false);
  lease_.Release();
  ports_.bus.Publish(kWorkChannel, std::string(kLeaseIsFree));
}

FleetView FleetRunner::Loop::View() const {
  base::MutexLock lock(&mu_);
  return fleet_ == nullptr ? FleetView{} : fleet_->View();
}

bool FleetRunner::Loop::HasFleet() const {
  base::MutexLock lock(&mu_);
  return fleet_ != nullptr;
}

std::chrono::milliseconds FleetRunner::Loop::UntilNextRound() const {
  const base::Timestamp now = Now();
  std::chrono::milliseconds pause = std::min(kLongestSleep, lease_.UntilDue());
  if (HasFleet()) {
    pause = std::min(pause, next_decision_ - now);
    if (!blind_) pause = std::min({pause, next_read_ - now, next_expiry_ - now});
    if (!listing_) pause = std::min(pause, next_list_ - now);
  }
  return std::max(pause, next_store_try_ - now);
}

void FleetRunner::Loop::Read(const FleetInbox::Mail& mail) {
  const base::Timestamp now = Now();
  if (mail.work) next_read_ = now;
  if (mail.list) next_list_ = now;
  if (mail.lease && !owner_) lease_.TryNow();
  {
    base::MutexLock lock(&mu_);
    for (const FleetInbox::Mail::Item& item : mail.items) {
      const bool ours = item.fleet == FleetInbox::kAnyFleet || item.fleet == fleet_number_;
      item.event(ours ? fleet_.get() : nullptr, now);
    }
    for (const std::string& server_id : mail.changed) {
      if (fleet_ != nullptr) fleet_->OnServerChanged(server_id);
    }
  }
  if (engine_status_.has_value()) engine_trouble_.Note(*std::exchange(engine_status_, {}));
  if (mail.stop && !stop_deadline_.has_value()) BeginToStop();
}

void FleetRunner::Loop::BeginToStop() {
  stop_deadline_ = Now() + options_.stop_timeout;
  calls_.CancelStarts();
  next_store_try_ = Now();
  ShutDownFleet();
}

void FleetRunner::Loop::ShutDownFleet() {
  base::MutexLock lock(&mu_);
  if (fleet_ == nullptr) return;
  fleet_->ShutDown(options_.stop_empty_servers, options_.stop_used_servers);
}

void FleetRunner::Loop::TellWhatIsLeft() {
  if (!owner_) return;
  // What the last commit removed is still to be told.
  if (HasFleet() && !removed_.empty()) ReadRequests().IgnoreError();
  bool in_time = false;
  {
    base::MutexLock lock(&mu_);
    in_time = fleet_ != nullptr && !blind_ && fleet_->HasShutDown();
  }
  const size_t left = View().servers.size();
  if (left > 0 || !in_time) ports_.observer.OnServersLeft(static_cast<int>(left), in_time);
}

bool FleetRunner::Loop::IsDone() const {
  if (!stop_deadline_.has_value()) return false;
  if (!owner_ || Now() >= *stop_deadline_) return true;
  base::MutexLock lock(&mu_);
  return fleet_ != nullptr && !blind_ && fleet_->HasShutDown();
}

void FleetRunner::Loop::KeepLease() {
  if (owner_ && !lease_.held()) return Lose();
  if (Now() < next_store_try_) return;
  if (!owner_) {
    if (!stop_deadline_.has_value()) BecomeOwner();
    return;
  }
  const absl::Status status = lease_.Keep();
  if (absl::IsFailedPrecondition(status)) return Lose();
  // An owner who cannot renew it goes on until it runs out.
  if (!status.ok()) OnStoreFailed(status);
  const bool stopping = stop_deadline_.has_value();
  if (!HasFleet() && (status.ok() || stopping)) TakeOver();
}

void FleetRunner::Loop::BecomeOwner() {
  if (lease_.UntilDue() > std::chrono::milliseconds(0)) return;
  const absl::Status status = lease_.Acquire();
  if (!status.ok()) return OnStoreFailed(status);
  store_trouble_.Note(status);
  if (!lease_.held()) return;
  SetOwner(true);
  TakeOver();
}

void FleetRunner::Loop::TakeOver() {
  wall_anchor_ = ports_.clock.Now();
  monotonic_anchor_ = ports_.clock.MonotonicNow();
  ++fleet_number_;
  // Each fleet makes ids of its own.
  const base::IdSeed seed = {seed_[0] + static_cast<uint64_t>(fleet_number_), seed_[1]};
  auto fleet = std::make_unique<Fleet>(options_.fleet, ports_.provisioner.version(),
                                       base::IdGenerator(seed));
  const absl::Status status = Load(*fleet);
  if (absl::IsFailedPrecondition(status)) return Lose();
  if (status.ok()) return Adopt(std::move(fleet));
  OnStoreFailed(status);
  const bool stops_all =
      stop_deadline_.has_value() && options_.stop_empty_servers && options_.stop_used_servers;
  if (!stops_all) return;
  // To one who knows of no server, all that run are to be stopped.
  blind_ = true;
  Adopt(std::make_unique<Fleet>(options_.fleet, ports_.provisioner.version(),
                                base::IdGenerator(seed)));
}

void FleetRunner::Loop::Adopt(std::unique_ptr<Fleet> fleet) {
  next_store_try_ = next_read_ = next_expiry_ = next_list_ = next_decision_ = Now();
  {
    base::MutexLock lock(&mu_);
    fleet_ = std::move(fleet);
  }
  if (stop_deadline_.has_value()) ShutDownFleet();
}

absl::Status FleetRunner::Loop::Load(Fleet& fleet) {
  MUSTER_ASSIGN_OR_RETURN(const std::vector<GameServer> servers, ports_.store.Servers());
  for (const GameServer& server : servers) {
    fleet.OnServer(server, calls_.launching().contains(server.id));
  }
  revision_read_ = 0;
  for (bool more = true; more;) {
    MUSTER_ASSIGN_OR_RETURN(const std::vector<Request> page,
                            ports_.store.RequestsAfter(revision_read_, kPage));
    for (const Request& request : page) {
      fleet.OnRequest(request);
      TellAgain(request);
    }
    if (!page.empty()) revision_read_ = page.back().revision;
    more = page.size() == kPage;
    // There may be many of them.
    MUSTER_RETURN_IF_ERROR(lease_.Keep());
  }
  return absl::OkStatus();
}

// Whoever committed it may not have come to tell it. Receivers drop what they have seen.
void FleetRunner::Loop::TellAgain(const Request& request) {
  const bool settled =
      request.state == RequestState::kDone || request.state == RequestState::kFailed;
  if (!settled || request.changed_at + kToldAgain < Now()) return;
  ports_.bus.Publish(kRequestsChannel, EncodeRequest(request));
}

void FleetRunner::Loop::DropFleet() {
  ++fleet_number_;
  listing_ = false;
  blind_ = false;
  removed_.clear();
  base::MutexLock lock(&mu_);
  fleet_ = nullptr;
}

void FleetRunner::Loop::Lose() {
  lease_.Drop();
  DropFleet();
  SetOwner(false);
}

void FleetRunner::Loop::SetOwner(bool owner) {
  if (owner_.exchange(owner) != owner) ports_.observer.OnOwner(owner);
}

void FleetRunner::Loop::Round() {
  if (!HasFleet() || Now() < next_store_try_) return;
  ListWhenDue();
  absl::Status status = ReadRequests();
  if (status.ok()) status = ReadExpired();
  if (!status.ok()) {
    OnStoreFailed(status);
    // At the end what is to be stopped is known.
    if (!stop_deadline_.has_value()) return;
  } else if (!blind_) {
    store_trouble_.Note(status);
  }
  Decide();
}

void FleetRunner::Loop::ListWhenDue() {
  if (listing_ || Now() < next_list_) return;
  listing_ = true;
  calls_.List(fleet_number_, [this, asked_at = Now()](
                                 Fleet* fleet, absl::StatusOr<std::vector<FoundServer>> found) {
    if (fleet == nullptr) return;
    listing_ = false;
    next_list_ = Now() + (found.ok() ? options_.list_interval : kLastPause);
    engine_status_ = found.status();
    if (!found.ok()) return;
    fleet->OnList(*found, asked_at);
    blind_ = false;
  });
}

absl::Status FleetRunner::Loop::ReadRequests() {
  if (blind_ || Now() < next_read_) return absl::OkStatus();
  for (bool more = true; more;) {
    MUSTER_ASSIGN_OR_RETURN(const std::vector<Request> page,
                            ports_.store.RequestsAfter(revision_read_, kPage));
    base::MutexLock lock(&mu_);
    for (const Request& request : page) fleet_->OnRequest(request);
    ForgetRewritten(page);
    if (!page.empty()) revision_read_ = page.back().revision;
    more = page.size() == kPage;
  }
  next_read_ = Now() + options_.fleet.look_interval;
  for (const Request& removed : std::exchange(removed_, {})) {
    ports_.bus.Publish(kRequestsChannel, EncodeRequest(removed));
  }
  return absl::OkStatus();
}

// A client that has asked again meanwhile has a newer record, and is not told of the old one's end.
void FleetRunner::Loop::ForgetRewritten(const std::vector<Request>& written) {
  if (removed_.empty()) return;
  std::set<std::string_view> clients;
  for (const Request& request : written) clients.insert(request.client_id);
  std::erase_if(removed_, [&](const Request& one) { return clients.contains(one.client_id); });
}

absl::Status FleetRunner::Loop::ReadExpired() {
  if (blind_ || Now() < next_expiry_) return absl::OkStatus();
  MUSTER_ASSIGN_OR_RETURN(const std::vector<Request> expired,
                          ports_.store.ExpiredRequests(Now(), kMaxExpired));
  next_expiry_ = Now() + options_.fleet.look_interval;
  base::MutexLock lock(&mu_);
  for (const Request& request : expired) fleet_->OnExpired(request);
  return absl::OkStatus();
}

void FleetRunner::Loop::Decide() {
  FleetDecisions decisions;
  {
    base::MutexLock lock(&mu_);
    decisions = fleet_->Decide(Now());
  }
  next_decision_ = decisions.next;
  const absl::StatusOr<std::vector<int64_t>> revisions = Commit(decisions.batch);
  // What was committed is true, whoever owns the fleet by now.
  if (revisions.ok()) Tell(decisions, *revisions);
  if (absl::IsFailedPrecondition(revisions.status()) || !lease_.held()) return Lose();
  if (!revisions.ok()) return OnCommitFailed(decisions, revisions.status());
  {
    base::MutexLock lock(&mu_);
    fleet_->OnCommitted(decisions, *revisions);
  }
  // The records in the way are there to be read.
  if (std::count(revisions->begin(), revisions->end(), 0) > 0) next_read_ = Now();
  calls_.Make(decisions, *revisions, fleet_number_);
}

// It may have been written or not: only the store knows what was decided. At the end it needs not
// be known: what was to be stopped is stopped, and the next owner finds it gone.
void FleetRunner::Loop::OnCommitFailed(const FleetDecisions& decisions,
                                       const absl::Status& status) {
  OnStoreFailed(status);
  if (!stop_deadline_.has_value()) return DropFleet();
  const std::vector<int64_t> conflicts(decisions.batch.requests.size(), 0);
  {
    base::MutexLock lock(&mu_);
    fleet_->OnCommitted(decisions, conflicts);
  }
  calls_.Make(decisions, conflicts, fleet_number_);
  for (const FleetDecisions::News& news : decisions.news) TellNews(news);
}

absl::StatusOr<std::vector<int64_t>> FleetRunner::Loop::Commit(const Batch& batch) {
  if (batch.empty()) return std::vector<int64_t>();
  return ports_.store.Commit(lease_.lease(), batch);
}

void FleetRunner::Loop::Tell(const FleetDecisions& decisions,
                             const std::vector<int64_t>& revisions) {
  for (size_t i = 0; i < revisions.size(); ++i) {
    Request request = decisions.batch.requests[i];
    if (revisions[i] == 0 || request.state == RequestState::kInProgress) continue;
    request.revision = revisions[i];
    ports_.bus.Publish(kRequestsChannel, EncodeRequest(request));
    const bool prolonged = request.expires_at - request.changed_at > options_.fleet.record_ttl;
    if (prolonged) continue;
    if (request.state == RequestState::kDone) {
      ports_.observer.OnRequestDone(request);
    } else {
      ports_.observer.OnRequestFailed(request);
    }
  }
  const std::vector<Request>& removed = decisions.batch.removed_requests;
  removed_.insert(removed_.end(), removed.begin(), removed.end());
  // Whether they went in, a read tells.
  if (!removed.empty()) next_read_ = Now();
  for (const FleetDecisions::News& news : decisions.news) TellNews(news);
}

void FleetRunner::Loop::TellNews(const FleetDecisions::News& news) {
  switch (news.kind) {
    case FleetDecisions::News::Kind::kStarted:
      return ports_.observer.OnServerStarted(news.server_id, news.took);
    case FleetDecisions::News::Kind::kFailed:
      return ports_.observer.OnServerFailed(news.server_id, news.reason);
    case FleetDecisions::News::Kind::kEnded:
      return ports_.observer.OnServerEnded(news.server_id, news.reason);
    case FleetDecisions::News::Kind::kStopFailed:
      return ports_.observer.OnServerStopFailed(news.server_id, news.reason);
  }
}

void FleetRunner::Loop::OnStoreFailed(const absl::Status& status) {
  store_trouble_.Note(status);
  next_store_try_ = Now() + store_trouble_.pause();
}

}  // namespace muster::lobby
