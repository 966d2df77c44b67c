#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "base/strings.h"
#include "lobby/fleet_state.h"

namespace muster::lobby {

namespace {

using Kind = FleetDecisions::News::Kind;

// Between two looks at a server that tells of each change.
constexpr std::chrono::milliseconds kShortestLookInterval{50};
// Calls that are refused are made again after so many look intervals at the latest.
constexpr int kLongestPause = 10;

// Those that somebody has to mend before any other start can go well.
bool ConcernsAllStarts(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kPermissionDenied;
}

std::string Text(const absl::Status& status) { return std::string(status.message()); }

std::string WithDetail(const std::string& reason, const std::string& detail) {
  return detail.empty() ? reason : base::StrCat(reason, ": ", detail);
}

// How it exited, without the last words of the program, which may be anything.
std::string FitForPlayers(const std::string& exit_reason) {
  return exit_reason.substr(0, exit_reason.find(':'));
}

}  // namespace

std::chrono::milliseconds Doubled(std::chrono::milliseconds first, int times,
                                  std::chrono::milliseconds last) {
  std::chrono::milliseconds pause = first;
  for (int i = 0; i < times && pause < last; ++i) pause *= 2;
  return std::min(pause, last);
}

// Null when there is none that holds slots, or may yet.
FleetServer* Fleet::State::FindRunning(const std::string& server_id) {
  FleetServer* server = servers_.Find(server_id);
  if (server == nullptr) return nullptr;
  const bool over = server->phase == ServerPhase::kEnding || server->phase == ServerPhase::kEnded;
  return over ? nullptr : server;
}

void Fleet::State::Write(FleetServer& server) {
  if (!server.recorded || server.write) return;
  server.write = true;
  servers_to_write_.push_back(server.record.id);
}

void Fleet::State::OnServer(const GameServer& record, bool launching) {
  if (servers_.Find(record.id) != nullptr) return;
  ServerPhase phase = ServerPhase::kReady;
  if (record.state == ServerState::kStarting) {
    phase = launching                          ? ServerPhase::kLaunching
            : record.place.control_url.empty() ? ServerPhase::kUnlisted
                                               : ServerPhase::kBooting;
  } else if (record.state == ServerState::kDraining || record.version != version_) {
    phase = ServerPhase::kDraining;
  }
  FleetServer& server = servers_.Add(record, phase);
  if (options_.slots == 0 || record.slots > 0) server.learned = record.slots;
  if (record.slots > 0) expected_slots_ = record.slots;
  if (phase == ServerPhase::kDraining && record.state != ServerState::kDraining) {
    server.record.state = ServerState::kDraining;
    Write(server);
  }
}

void Fleet::State::OnList(const std::vector<FoundServer>& found, base::Timestamp asked_at) {
  listed_ = true;
  absl::flat_hash_set<std::string> present;
  for (const FoundServer& one : found) {
    present.insert(one.server_id);
    OnFound(one, asked_at);
  }
  for (const auto& [id, server] : servers_.all()) {
    const bool seen = server->phase == ServerPhase::kLaunching || server->launched_at >= asked_at;
    if (seen || present.contains(id)) continue;
    if (server->phase == ServerPhase::kBooting) {
      FailStart(*server, absl::InternalError("it is gone"), asked_at);
    } else if (FindRunning(id) != nullptr) {
      End(*server, "the game server is gone");
    }
  }
}

void Fleet::State::OnFound(const FoundServer& found, base::Timestamp asked_at) {
  FleetServer* server = servers_.Find(found.server_id);
  if (server == nullptr) {
    GameServer record{.id = found.server_id, .place = found.place, .version = found.version};
    FleetServer& unknown = servers_.Add(record, ServerPhase::kReady);
    unknown.recorded = false;
    return End(unknown, "no record of it");
  }
  const bool told = server->phase == ServerPhase::kLaunching || server->launched_at >= asked_at;
  if (told || FindRunning(found.server_id) == nullptr) return;
  if (!found.running && server->standing.starting) {
    return FailStart(*server, absl::InternalError("it ended"), asked_at);
  }
  if (!found.running) return End(*server, "the game server ended");
  if (server->phase != ServerPhase::kUnlisted) return;
  servers_.Update(*server);
  if (found.place.control_url.empty()) return;
  server->record.place = found.place;
  server->phase = ServerPhase::kBooting;
  Write(*server);
}

void Fleet::State::OnStarted(const std::string& server_id, const absl::StatusOr<Place>& place,
                             base::Timestamp now) {
  FleetServer* server = servers_.Find(server_id);
  if (server == nullptr || server->phase != ServerPhase::kLaunching) return;
  if (!place.ok()) return FailStart(*server, place.status(), now);
  server->record.place = *place;
  server->record.place.server_id = server_id;
  server->launched_at = now;
  server->phase = ServerPhase::kBooting;
  Write(*server);
  servers_.Update(*server);
  if (server->record.state == ServerState::kDraining) return End(*server, server->reason);
  if (server->reason.empty()) return;
  const std::string reason = server->reason;
  FailStart(*server, absl::InternalError(FitForPlayers(reason)), now, reason);
}

void Fleet::State::OnStopped(const std::string& server_id, const absl::Status& status,
                             base::Timestamp now) {
  FleetServer* server = servers_.Find(server_id);
  if (server == nullptr || server->phase != ServerPhase::kEnding) return;
  server->stopping = false;
  servers_.Update(*server);
  if (status.ok()) {
    server->phase = ServerPhase::kEnded;
    return;
  }
  server->next_stop = now + PauseAfter(++server->failed_stops);
  if (server->failed_stops > 1) return;
  news_.push_back({.kind = Kind::kStopFailed, .server_id = server_id, .reason = Text(status)});
}

std::chrono::milliseconds Fleet::State::PauseAfter(int refusals) const {
  return Doubled(options_.call_pause, refusals - 1,
                 std::max(options_.call_pause, kLongestPause * options_.look_interval));
}

void Fleet::State::LookSoon(FleetServer& server) {
  if (server.looking) {
    server.look_again = true;
  } else {
    server.next_look = std::min(server.next_look, server.asked_at + kShortestLookInterval);
  }
  servers_.Update(server);
}

void Fleet::State::OnServerChanged(const std::string& server_id) {
  if (FleetServer* server = servers_.Find(server_id); server != nullptr) LookSoon(*server);
}

void Fleet::State::OnOccupancy(const std::string& server_id,
                               const absl::StatusOr<std::optional<Occupancy>>& occupancy,
                               base::Timestamp now) {
  FleetServer* server = FindRunning(server_id);
  if (server == nullptr || !server->looking) return;
  server->looking = false;
  server->answering = occupancy.ok();
  servers_.Update(*server);
  if (server->phase == ServerPhase::kBooting) {
    if (occupancy.ok()) return OnFirstAnswer(*server, *occupancy, now);
    server->next_look = now + server->look_pause;
    // A look at who does not listen yet is cheap, and a player waits: the next one comes when an
    // eighth of the wait so far has passed.
    const auto longer = server->look_pause + server->look_pause / 8 + std::chrono::milliseconds(1);
    server->look_pause = std::min(longer, options_.call_pause);
    return;
  }
  server->looked = true;
  server->next_look = now + options_.look_interval;
  if (server->look_again) server->next_look = now + kShortestLookInterval;
  server->look_again = false;
  server->unanswered_looks = occupancy.ok() ? 0 : server->unanswered_looks + 1;
  if (occupancy.ok()) {
    ReadOccupancy(*server, *occupancy);
  } else if (server->unanswered_looks >= options_.call_attempts) {
    End(*server, kDoesNotAnswer, Text(occupancy.status()));
  }
}

void Fleet::State::ReadOccupancy(FleetServer& server, const std::optional<Occupancy>& occupancy) {
  server.tells = occupancy.has_value();
  server.since_look = server.since_asked;
  if (server.tells) {
    server.look = *occupancy;
    const size_t ours = server.asking.size() + server.holders.size() + server.left.size();
    server.foreign = std::max(0, occupancy->used - static_cast<int>(ours));
    if (occupancy->used == 0) DropKept(server);
    if (occupancy->slots > 0) expected_slots_ = occupancy->slots;
    if (server.record.slots != occupancy->slots) {
      server.record.slots = occupancy->slots;
      Write(server);
    }
  }
  servers_.Update(server);
}

// Nobody is there any more, those who could not be made to leave either.
void Fleet::State::DropKept(FleetServer& server) {
  std::vector<std::string> gone;
  for (const auto& [client, slot] : server.left) {
    if (slot.kept > 0 && !slot.busy) gone.push_back(client);
  }
  for (const std::string& client : gone) DropLeft(server, client);
}

void Fleet::State::OnFirstAnswer(FleetServer& server, const std::optional<Occupancy>& occupancy,
                                 base::Timestamp now) {
  server.phase = ServerPhase::kReady;
  server.record.state = ServerState::kReady;
  server.looked = true;
  server.fresh = true;
  server.next_look = now + options_.look_interval;
  Write(server);
  ReadOccupancy(server, occupancy);
  if (server.tells && occupancy->used >= occupancy->slots) {
    return FailStart(server, absl::InternalError("it has no room from the start"), now);
  }
  failures_ = 0;
  next_start_ = {};
  news_.push_back({.kind = Kind::kStarted,
                   .server_id = server.record.id,
                   .took = now - server.record.created_at});
  if (server.record.version == version_) return;
  server.phase = ServerPhase::kDraining;
  server.record.state = ServerState::kDraining;
  servers_.Update(server);
}

void Fleet::State::FailStart(FleetServer& server, const absl::Status& status, base::Timestamp now,
                             const std::string& detail) {
  End(server, Text(status), detail, Kind::kFailed);
  if (shutting_down_) return;
  // Of several that fail together the first one counts.
  if (now >= next_start_) {
    next_start_ = now + Doubled(options_.start_pause, failures_, options_.last_retry);
    ++failures_;
  }
  FailClaims(status);
}

// Those who waited for the server that failed: as many as it would have taken, of those who do not
// find room elsewhere. The oldest, so that everybody gets an answer in the end.
void Fleet::State::FailClaims(const absl::Status& status) {
  const auto waiting = static_cast<int64_t>(requests_.line().size());
  const int64_t slots = std::max(1, expected_slots_);
  int64_t claims = waiting - servers_.room() - servers_.starting() * slots;
  if (expected_slots_ > 0 && !ConcernsAllStarts(status)) claims = std::min(claims, slots);
  const std::string reason = "no game server could be started: " + Text(status);
  for (; claims > 0; --claims) Fail(**requests_.line().begin(), reason);
}

void Fleet::State::OnExit(const std::string& server_id, const std::string& reason,
                          base::Timestamp now) {
  FleetServer* server = FindRunning(server_id);
  if (server == nullptr) return;
  if (server->phase == ServerPhase::kLaunching) {
    server->reason = reason;
  } else if (server->phase == ServerPhase::kBooting) {
    FailStart(*server, absl::InternalError(FitForPlayers(reason)), now, reason);
  } else {
    End(*server, base::StrCat("the game server ended: ", FitForPlayers(reason)), reason);
  }
}

absl::Status Fleet::State::Drain(const std::string& server_id, bool at_once) {
  FleetServer* server = FindRunning(server_id);
  if (server == nullptr) {
    return absl::NotFoundError(base::StrCat("game server ", server_id, ": there is none"));
  }
  const std::string reason = "the game server was stopped by an operator";
  server->record.state = ServerState::kDraining;
  Write(*server);
  if (server->phase == ServerPhase::kLaunching) {
    server->reason = reason;
  } else if (at_once || server->phase != ServerPhase::kReady) {
    End(*server, reason);
  } else {
    server->phase = ServerPhase::kDraining;
  }
  servers_.Update(*server);
  return absl::OkStatus();
}

void Fleet::State::ShutDown(bool stop_empty, bool stop_used) {
  shutting_down_ = true;
  stop_empty_ = stop_empty;
  stop_used_ = stop_used;
  for (const auto& [id, server] : servers_.all()) servers_.Update(*server);
}

bool Fleet::State::HasShutDown() const {
  for (const auto& [id, server] : servers_.all()) {
    const bool under_way = server->touched || server->phase == ServerPhase::kLaunching ||
                           server->phase == ServerPhase::kEnding;
    if (under_way) return false;
  }
  return !requests_.HasWrites();
}

void Fleet::State::End(FleetServer& server, const std::string& reason, const std::string& detail,
                       Kind kind) {
  Empty(server, reason);
  server.phase = ServerPhase::kEnding;
  server.reason = reason;
  server.record.state = ServerState::kDraining;
  Write(server);
  servers_.Update(server);
  news_.push_back(
      {.kind = kind, .server_id = server.record.id, .reason = WithDetail(reason, detail)});
}

// What it was given waits again; who was there is told; who wanted to leave, or left without a
// word, has left.
void Fleet::State::Empty(FleetServer& server, const std::string& reason) {
  const bool all_left = server.tells && servers_.Used(server) == 0;
  const auto each = [this](const auto& clients, auto act) {
    for (const std::string& client : clients) act(*requests_.Find(client));
  };
  each(server.asking, [&](FleetRequest& r) { requests_.Move(r, RequestStage::kWaiting); });
  each(server.holders, [&](FleetRequest& request) {
    if (request.stage == RequestStage::kHeld && request.record.state != RequestState::kDone) {
      return requests_.Move(request, RequestStage::kWaiting);
    }
    if (!all_left) return Fail(request, reason);
    requests_.Move(request, RequestStage::kRemoving);
  });
  for (const auto& [client, slot] : server.left) {
    FleetRequest* request = requests_.Find(client);
    const bool leaving = request != nullptr && request->stage == RequestStage::kLeaving &&
                         request->server_id == server.record.id;
    if (leaving) requests_.Move(*request, RequestStage::kRemoving);
  }
  server.asking.clear();
  server.to_call.clear();
  server.holders.clear();
  server.left.clear();
}

}  // namespace muster::lobby
