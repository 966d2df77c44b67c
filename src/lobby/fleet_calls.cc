#include "lobby/fleet_calls.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/strings.h"

namespace muster::lobby {

namespace {

// Servers that are stopped at once: each may take as long as the engine waits for its end. When the
// lobby ends, a hundred that take 4 s each are to end within the 20 s that it waits by default.
constexpr size_t kStopThreads = 32;
constexpr size_t kMaxQueued = 10'000;

// What `call` returns; INTERNAL with the text of what it throws.
template <typename Result, typename Call>
Result Guarded(const Call& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  } catch (...) {
    return absl::InternalError("an unknown exception");
  }
}

// Makes an asynchronous call; what it throws is its answer.
template <typename Call, typename Fail>
void MakeGuarded(const Call& call, const Fail& fail) {
  const absl::Status status = Guarded<absl::Status>([&] {
    call();
    return absl::OkStatus();
  });
  if (!status.ok()) fail(status);
}

}  // namespace

FleetCalls::FleetCalls(Options options, Provisioner& provisioner, GameServerClient& game_servers,
                       std::shared_ptr<FleetInbox> inbox)
    : options_(std::move(options)),
      provisioner_(provisioner),
      game_servers_(game_servers),
      inbox_(std::move(inbox)),
      starts_({.threads = static_cast<size_t>(std::max(1, options_.max_starting)),
               .max_queued = kMaxQueued}),
      lists_({.threads = 1}) {}

FleetCalls::~FleetCalls() {
  starts_stop_.request_stop();
  stop_.request_stop();
}

void FleetCalls::Make(const FleetDecisions& decisions, const std::vector<int64_t>& revisions,
                      int64_t fleet) {
  for (const FleetDecisions::SlotCall& call : decisions.reserve) {
    const bool conflict = call.needs >= 0 && revisions[static_cast<size_t>(call.needs)] == 0;
    if (!conflict) Reserve(call, fleet);
  }
  for (const FleetDecisions::SlotCall& call : decisions.release) Release(call, fleet);
  for (const FleetDecisions::StatusCall& call : decisions.ask) Ask(call, fleet);
  for (const std::string& server_id : decisions.start) Start(server_id);
  for (const std::string& server_id : decisions.stop) Stop(server_id);
}

void FleetCalls::Reserve(const FleetDecisions::SlotCall& call, int64_t fleet) {
  const auto done = [inbox = inbox_, call, fleet](SlotAnswer answer, const std::string& detail) {
    inbox->Post(fleet, [call, answer, detail](Fleet* owner, base::Timestamp now) {
      if (owner != nullptr) owner->OnReserved(call, answer, detail, now);
    });
  };
  MakeGuarded([&] { game_servers_.Reserve(call.control_url, call.client_id, call.timeout, done); },
              [&](const absl::Status& status) {
                done(SlotAnswer::kNoAnswer, std::string(status.message()));
              });
}

void FleetCalls::Release(const FleetDecisions::SlotCall& call, int64_t fleet) {
  const auto done = [inbox = inbox_, call, fleet](SlotAnswer answer, const std::string&) {
    inbox->Post(fleet, [call, answer](Fleet* owner, base::Timestamp) {
      if (owner != nullptr) owner->OnReleased(call, answer);
    });
  };
  MakeGuarded([&] { game_servers_.Release(call.control_url, call.client_id, call.timeout, done); },
              [&](const absl::Status&) { done(SlotAnswer::kNoAnswer, ""); });
}

void FleetCalls::Ask(const FleetDecisions::StatusCall& call, int64_t fleet) {
  const auto done = [inbox = inbox_, id = call.server_id,
                     fleet](absl::StatusOr<std::optional<Occupancy>> occupancy) {
    inbox->Post(fleet, [id, occupancy = std::move(occupancy)](Fleet* owner, base::Timestamp now) {
      if (owner != nullptr) owner->OnOccupancy(id, occupancy, now);
    });
  };
  MakeGuarded([&] { game_servers_.Ask(call.control_url, call.timeout, done); },
              [&](const absl::Status& status) { done(status); });
}

void FleetCalls::Start(const std::string& server_id) {
  ServerSpec spec{.server_id = server_id, .environment = options_.server_environment};
  if (options_.token_of) spec.environment["SERVER_TOKEN"] = options_.token_of(server_id);
  launching_.insert(server_id);
  const auto done = [this, server_id](absl::StatusOr<Place> place) {
    inbox_->Post(FleetInbox::kAnyFleet,
                 [this, server_id, place = std::move(place)](Fleet* owner, base::Timestamp now) {
                   launching_.erase(server_id);
                   if (owner != nullptr) owner->OnStarted(server_id, place, now);
                 });
  };
  const bool queued = starts_.Submit([this, spec = std::move(spec), done] {
    const std::stop_token stop = starts_stop_.get_token();
    done(Guarded<absl::StatusOr<Place>>([&] { return provisioner_.Start(spec, stop); }));
  });
  if (!queued) done(absl::UnavailableError("too many starts are under way"));
}

void FleetCalls::Stop(const std::string& server_id) {
  const auto done = [inbox = inbox_, server_id](absl::Status status) {
    inbox->Post(FleetInbox::kAnyFleet,
                [server_id, status = std::move(status)](Fleet* owner, base::Timestamp now) {
                  if (owner != nullptr) owner->OnStopped(server_id, status, now);
                });
  };
  if (!stops_) stops_.emplace(base::WorkerPool::Options{kStopThreads, kMaxQueued});
  const bool queued = stops_->Submit([this, server_id, done] {
    const std::stop_token stop = stop_.get_token();
    done(Guarded<absl::Status>([&] { return provisioner_.Stop(server_id, stop); }));
  });
  if (!queued) done(absl::UnavailableError("too many stops are under way"));
}

void FleetCalls::List(int64_t fleet, OnList done) {
  using Found = absl::StatusOr<std::vector<FoundServer>>;
  const auto post = [inbox = inbox_, fleet, done = std::move(done)](Found found) {
    inbox->Post(fleet, [done, found = std::move(found)](Fleet* owner, base::Timestamp) {
      done(owner, found);
    });
  };
  const bool queued = lists_.Submit([this, post] {
    const std::stop_token stop = stop_.get_token();
    post(Guarded<Found>([&] { return provisioner_.List(stop); }));
  });
  if (!queued) post(absl::UnavailableError("too many lists are under way"));
}

}  // namespace muster::lobby
