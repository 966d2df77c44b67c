#include <algorithm>
#include <utility>

#include "lobby/fleet_state.h"

namespace muster::lobby {

namespace {

// A look at a new server waits at least so long for its answer.
constexpr std::chrono::milliseconds kShortestLook{500};
// A look at a new server may take so many times the pause after it.
constexpr int kLookPauses = 4;

bool IsFull(const Batch& batch) {
  return batch.requests.size() + batch.removed_requests.size() >= kMaxBatchRequests;
}

}  // namespace

FleetDecisions Fleet::State::Decide(base::Timestamp now) {
  FleetDecisions decisions;
  decisions.next = now + options_.look_interval;
  for (auto due = servers_.TakeDue(now); !due.empty(); due = servers_.TakeDue(now)) {
    for (FleetServer* server : due) See(*server, now, decisions);
  }
  WriteRequests(now, decisions);
  if (!shutting_down_) {
    GiveServers(now, decisions);
    StartServers(now, decisions);
  }
  WriteServers(decisions);
  if (IsFull(decisions.batch)) decisions.next = now;
  if (const auto wake = servers_.next_wake(); wake.has_value()) {
    decisions.next = std::min(decisions.next, *wake);
  }
  decisions.news = std::exchange(news_, {});
  return decisions;
}

void Fleet::State::See(FleetServer& server, base::Timestamp now, FleetDecisions& decisions) {
  if (shutting_down_ && EndForShutDown(server)) return;
  switch (server.phase) {
    case ServerPhase::kUnlisted:
      return SeeUnlisted(server, now);
    case ServerPhase::kLaunching:
      return;
    case ServerPhase::kBooting:
      return SeeBooting(server, now, decisions);
    case ServerPhase::kReady:
    case ServerPhase::kDraining:
      return SeeRunning(server, now, decisions);
    case ServerPhase::kEnding:
      return SeeEnding(server, now, decisions);
    case ServerPhase::kEnded:
      if (server.recorded) decisions.batch.removed_servers.push_back(server.record.id);
      return servers_.Erase(server);
  }
}

// True when it ends by that.
bool Fleet::State::EndForShutDown(FleetServer& server) {
  // The start under way ends first.
  if (server.phase == ServerPhase::kLaunching || FindRunning(server.record.id) == nullptr) {
    return false;
  }
  const bool stop = servers_.Used(server) > 0 ? stop_used_ : stop_empty_;
  if (stop) End(server, "the lobby was shut down");
  return stop;
}

// The engine may take a while to tell where it runs.
void Fleet::State::SeeUnlisted(FleetServer& server, base::Timestamp now) {
  if (!listed_) return;
  if (!server.start_deadline.has_value()) server.start_deadline = now + options_.start_timeout;
  if (now < *server.start_deadline) return servers_.WakeAt(server, *server.start_deadline);
  FailStart(server, absl::DeadlineExceededError("the engine did not say where it runs"), now);
}

void Fleet::State::SeeBooting(FleetServer& server, base::Timestamp now, FleetDecisions& decisions) {
  if (!server.start_deadline.has_value()) server.start_deadline = now + options_.start_timeout;
  if (now >= *server.start_deadline) {
    return FailStart(server, absl::DeadlineExceededError("it did not answer in time"), now);
  }
  const auto shortest = std::min(kShortestLook, options_.call_timeout);
  Look(server, now, std::clamp(kLookPauses * server.look_pause, shortest, options_.call_timeout),
       decisions);
  const base::Timestamp deadline = *server.start_deadline;
  servers_.WakeAt(server, server.looking ? deadline : std::min(deadline, server.next_look));
}

void Fleet::State::SeeRunning(FleetServer& server, base::Timestamp now, FleetDecisions& decisions) {
  EndBackOff(server, now);
  CallSlots(server, now, decisions);
  const bool drained = server.phase == ServerPhase::kDraining && server.answering &&
                       servers_.Used(server) == 0 && server.calls == 0;
  if (drained) return End(server, "it takes no more players, and has none");
  if (EndIfIdle(server, now)) return;
  Look(server, now, server.looked ? options_.call_timeout : options_.call_timeout / 4, decisions);
  // What comes with the answer needs no waking.
  if (!server.looking) servers_.WakeAt(server, server.next_look);
  const bool sooner = server.looking || server.full_until < server.next_look;
  if (server.refused && sooner) servers_.WakeAt(server, server.full_until);
}

bool Fleet::State::EndIfIdle(FleetServer& server, base::Timestamp now) {
  if (!server.standing.empty || !requests_.line().empty()) {
    server.empty_since.reset();
    return false;
  }
  if (!server.empty_since.has_value()) server.empty_since = now;
  const bool idle = now - *server.empty_since >= options_.idle_timeout;
  if (!idle || servers_.empty() <= options_.min_ready) return false;
  End(server, "it was idle");
  return true;
}

// A full server that does not tell may have room again: nobody says so. When nothing else is left,
// it is asked once more.
void Fleet::State::EndBackOff(FleetServer& server, base::Timestamp now) {
  if (now < server.full_until) return;
  server.refused = false;
  servers_.Recount(server);
  const bool last_resort = server.phase == ServerPhase::kReady && server.answering &&
                           !server.tells && server.standing.room == 0 && server.asking.empty() &&
                           !requests_.line().empty() && servers_.size() >= options_.max_servers;
  if (!last_resort) return;
  server.learned = servers_.Used(server) + 1;
  servers_.Recount(server);
}

void Fleet::State::SeeEnding(FleetServer& server, base::Timestamp now, FleetDecisions& decisions) {
  if (server.stopping) return;
  if (now < server.next_stop) return servers_.WakeAt(server, server.next_stop);
  server.stopping = true;
  decisions.stop.push_back(server.record.id);
}

void Fleet::State::Look(FleetServer& server, base::Timestamp now, std::chrono::milliseconds timeout,
                        FleetDecisions& decisions) {
  if (server.looking || now < server.next_look) return;
  server.looking = true;
  server.asked_at = now;
  server.next_look = now + options_.look_interval;
  server.since_asked = 0;
  decisions.ask.push_back({.server_id = server.record.id,
                           .control_url = server.record.place.control_url,
                           .timeout = timeout});
}

// The calls that need no write: slots a predecessor asked for, and those to be given back.
void Fleet::State::CallSlots(FleetServer& server, base::Timestamp now, FleetDecisions& decisions) {
  while (!server.to_call.empty() && server.calls < kMaxSlotCalls) {
    FleetRequest* request = requests_.Find(server.to_call.front());
    server.to_call.pop_front();
    const bool asking = request != nullptr && request->stage == RequestStage::kAsking &&
                        request->server_id == server.record.id && !request->called;
    if (!asking) continue;
    request->called = true;
    ++server.calls;
    decisions.reserve.push_back(SlotCallOf(server, request->record.client_id, request->record.id));
  }
  ReleaseSlots(server, now, decisions);
  servers_.Recount(server);
}

// One that the server kept has time: it is seen to with the looks.
void Fleet::State::ReleaseSlots(FleetServer& server, base::Timestamp now,
                                FleetDecisions& decisions) {
  for (auto& [client, slot] : server.left) {
    if (!server.answering || server.calls >= kMaxSlotCalls) return;
    if (slot.kept > 0 && !slot.next_call.has_value()) slot.next_call = now + PauseAfter(slot.kept);
    if (slot.busy || (slot.next_call.has_value() && now < *slot.next_call)) continue;
    slot.busy = true;
    ++server.calls;
    decisions.release.push_back(SlotCallOf(server, client, slot.request_id));
  }
}

FleetDecisions::SlotCall Fleet::State::SlotCallOf(const FleetServer& server,
                                                  const std::string& client_id,
                                                  const std::string& request_id) const {
  const bool other_room = servers_.room() > server.standing.room;
  return {.server_id = server.record.id,
          .client_id = client_id,
          .request_id = request_id,
          .control_url = server.record.place.control_url,
          .timeout = other_room ? options_.call_timeout / 4 : options_.call_timeout};
}

void Fleet::State::WriteRequests(base::Timestamp now, FleetDecisions& decisions) {
  while (!IsFull(decisions.batch)) {
    FleetRequest* request = requests_.NextToWrite();
    if (request == nullptr) return;
    if (request->stage == RequestStage::kRemoving) {
      decisions.batch.removed_requests.push_back(request->record);
      decisions.batch.removed_requests.back().state = RequestState::kCancelled;
      requests_.Erase(*request);
      continue;
    }
    if (request->stage == RequestStage::kHeld) {
      WriteDone(*request, now);
    } else {
      WriteFailed(*request, now);
    }
    decisions.batch.requests.push_back(request->record);
  }
}

void Fleet::State::WriteDone(FleetRequest& request, base::Timestamp now) {
  Request& record = request.record;
  const bool prolonged = record.state == RequestState::kDone;
  record.state = RequestState::kDone;
  record.place = servers_.Find(request.server_id)->record.place;
  record.attempts = 0;
  record.reason.clear();
  if (!prolonged) record.changed_at = now;
  record.expires_at = now + options_.record_ttl;
  requests_.Move(request, RequestStage::kDone);
}

void Fleet::State::WriteFailed(FleetRequest& request, base::Timestamp now) {
  Request& record = request.record;
  record.state = RequestState::kFailed;
  record.place = {};
  ++record.attempts;
  record.reason = request.reason;
  record.changed_at = now;
  record.expires_at = now + options_.record_ttl;
  if (record.attempts >= options_.request_attempts) {
    record.retry_at =
        now + Doubled(options_.first_retry, record.attempts - options_.request_attempts,
                      options_.last_retry);
  }
  requests_.Move(request, RequestStage::kFailed);
}

void Fleet::State::WriteServers(FleetDecisions& decisions) {
  for (const std::string& id : std::exchange(servers_to_write_, {})) {
    FleetServer* server = servers_.Find(id);
    if (server == nullptr) continue;
    server->write = false;
    decisions.batch.servers.push_back(server->record);
  }
}

void Fleet::State::GiveServers(base::Timestamp now, FleetDecisions& decisions) {
  for (auto it = requests_.line().begin(); it != requests_.line().end();) {
    FleetRequest& request = **it++;
    FleetServer* server = servers_.Fullest();
    if (server == nullptr || IsFull(decisions.batch)) return;
    // The call about the slot that it left there ends first.
    const auto left = server->left.find(request.record.client_id);
    if (left == server->left.end() || !left->second.busy) {
      Give(request, *server, now, decisions);
    }
  }
}

void Fleet::State::Give(FleetRequest& request, FleetServer& server, base::Timestamp now,
                        FleetDecisions& decisions) {
  Request& record = request.record;
  requests_.Move(request, RequestStage::kAsking);
  request.server_id = server.record.id;
  request.called = true;
  record.state = RequestState::kInProgress;
  record.place = server.record.place;
  record.changed_at = now;
  FleetDecisions::SlotCall call = SlotCallOf(server, record.client_id, record.id);
  call.needs = static_cast<int>(decisions.batch.requests.size());
  decisions.reserve.push_back(std::move(call));
  decisions.batch.requests.push_back(record);
  request.left_there = server.left.erase(record.client_id) > 0;
  server.asking.insert(record.client_id);
  ++server.calls;
  servers_.Update(server);
}

// Who waits and finds no room, in the servers that are starting either, needs more of them; of a
// size that is not known, one at a time.
int Fleet::State::ServersToStart() const {
  const auto waiting = static_cast<int64_t>(requests_.line().size());
  const int64_t lack = std::max<int64_t>(0, waiting - servers_.room());
  const int64_t slots = expected_slots_ > 0 ? expected_slots_ : std::max<int64_t>(1, lack);
  int64_t wanted = (lack + slots - 1) / slots;
  wanted += std::max(0, options_.min_ready - servers_.empty());
  if (expected_slots_ == 0) wanted = std::min<int64_t>(wanted, 1);
  const int64_t most =
      std::min(options_.max_starting - servers_.starting(), options_.max_servers - servers_.size());
  return static_cast<int>(
      std::clamp<int64_t>(wanted - servers_.starting(), 0, std::max<int64_t>(0, most)));
}

void Fleet::State::StartServers(base::Timestamp now, FleetDecisions& decisions) {
  // Before all that is there is known, it may have room.
  if (!listed_ || servers_.unsure() > 0) return;
  const int count = ServersToStart();
  if (count > 0 && now < next_start_) {
    decisions.next = std::min(decisions.next, next_start_);
    return;
  }
  for (int i = 0; i < count; ++i) {
    const GameServer record{.id = ids_.Next(), .version = version_, .created_at = now};
    FleetServer& server = servers_.Add(record, ServerPhase::kLaunching);
    server.record.place.server_id = record.id;
    Write(server);
    decisions.start.push_back(record.id);
  }
}

FleetView Fleet::State::View() const {
  FleetView view;
  view.waiting = static_cast<int>(requests_.line().size());
  view.servers.reserve(servers_.all().size());
  for (const auto& [id, server] : servers_.all()) {
    view.waiting += static_cast<int>(server->asking.size());
    view.servers.push_back(
        {.server = server->record, .used = servers_.Used(*server), .answering = server->answering});
  }
  return view;
}

}  // namespace muster::lobby
