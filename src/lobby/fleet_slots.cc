#include "lobby/fleet_state.h"

namespace muster::lobby {

void Fleet::State::OnRequest(const Request& record) {
  FleetRequest* request = requests_.Find(record.client_id);
  if (request != nullptr && record.revision <= request->record.revision) return;
  const bool replaced = request != nullptr && record.id != request->record.id;
  if (request != nullptr && (replaced || record.state == RequestState::kFailed)) {
    Forget(*request);
    request = nullptr;
  }
  if (record.state == RequestState::kFailed) return;
  if (request == nullptr) {
    request = &requests_.Add(record);
  } else {
    requests_.Renew(*request, record);
  }
  const bool over =
      request->stage == RequestStage::kLeaving || request->stage == RequestStage::kRemoving;
  if (record.state == RequestState::kCancelled) {
    if (!over) Cancel(*request);
  } else if (over || request->stage == RequestStage::kUnknown) {
    Settle(*request);
  }
}

void Fleet::State::OnExpired(const Request& record) {
  OnRequest(record);
  FleetRequest* request = requests_.Find(record.client_id);
  if (request == nullptr) request = &requests_.Add(record);
  if (request->record.revision != record.revision) return;
  switch (request->stage) {
    case RequestStage::kUnknown:
    case RequestStage::kWaiting:
    case RequestStage::kAsking:
    case RequestStage::kDone:
      Cancel(*request);
      break;
    case RequestStage::kHeld:
    case RequestStage::kFailing:
    case RequestStage::kFailed:
    case RequestStage::kLeaving:
    case RequestStage::kRemoving:
      break;
  }
}

// What its record says, when the fleet knows nothing better.
void Fleet::State::Settle(FleetRequest& request) {
  FleetServer* server = FindRunning(request.record.place.server_id);
  switch (request.record.state) {
    case RequestState::kDone:
      if (server == nullptr) return Fail(request, "the game server is gone");
      return Hold(request, *server, RequestStage::kDone);
    case RequestState::kInProgress:
      if (server != nullptr) return AskAgain(request, *server);
      break;
    case RequestState::kCreated:
    case RequestState::kFailed:
    case RequestState::kCancelled:
      break;
  }
  requests_.Move(request, RequestStage::kWaiting);
}

void Fleet::State::AskAgain(FleetRequest& request, FleetServer& server) {
  const std::string& client = request.record.client_id;
  const auto left = server.left.find(client);
  const bool busy = left != server.left.end() && left->second.busy;
  if (server.phase == ServerPhase::kDraining && !busy) {
    server.left[client] = {.request_id = request.record.id};
  }
  if (server.phase == ServerPhase::kDraining || busy) {
    requests_.Move(request, RequestStage::kWaiting);
  } else {
    server.left.erase(client);
    server.asking.insert(client);
    server.to_call.push_back(client);
    request.called = false;
    request.server_id = server.record.id;
    requests_.Move(request, RequestStage::kAsking);
  }
  servers_.Update(server);
}

void Fleet::State::Hold(FleetRequest& request, FleetServer& server, RequestStage stage) {
  const auto left = server.left.find(request.record.client_id);
  if (left != server.left.end() && !left->second.busy) server.left.erase(left);
  server.asking.erase(request.record.client_id);
  server.holders.insert(request.record.client_id);
  request.server_id = server.record.id;
  requests_.Move(request, stage);
  servers_.Update(server);
}

// The server it was given to may hold a slot for it, which is to be given back. What a server has
// of these is bounded: by what it held, and by the calls that it may leave unanswered.
void Fleet::State::Leave(FleetRequest& request) {
  FleetServer* server = servers_.Find(request.server_id);
  const bool given = request.stage == RequestStage::kAsking ||
                     request.stage == RequestStage::kHeld || request.stage == RequestStage::kDone;
  if (server == nullptr || !given) return;
  const std::string& client = request.record.client_id;
  const bool busy = request.stage == RequestStage::kAsking && request.called;
  server->asking.erase(client);
  server->holders.erase(client);
  const auto [left, added] = server->left.try_emplace(client);
  left->second.request_id = request.record.id;
  left->second.busy = busy || (!added && left->second.busy);
  servers_.Update(*server);
}

void Fleet::State::Forget(FleetRequest& request) {
  Leave(request);
  requests_.Erase(request);
}

void Fleet::State::Cancel(FleetRequest& request) {
  Leave(request);
  if (request.server_id.empty()) request.server_id = request.record.place.server_id;
  FleetServer* server = FindRunning(request.server_id);
  if (server == nullptr) return requests_.Move(request, RequestStage::kRemoving);
  server->left.try_emplace(request.record.client_id, LeftSlot{.request_id = request.record.id});
  requests_.Move(request, RequestStage::kLeaving);
  servers_.Update(*server);
}

void Fleet::State::Fail(FleetRequest& request, const std::string& reason) {
  request.reason = reason;
  request.server_id.clear();
  requests_.Move(request, RequestStage::kFailing);
}

void Fleet::State::OnCommitted(const FleetDecisions& decisions,
                               const std::vector<int64_t>& revisions) {
  for (size_t i = 0; i < decisions.batch.requests.size() && i < revisions.size(); ++i) {
    FleetRequest* request = requests_.Find(decisions.batch.requests[i].client_id);
    if (request == nullptr) continue;
    if (revisions[i] == 0) {
      OnConflict(*request);
    } else {
      request->record.revision = revisions[i];
      if (request->stage == RequestStage::kFailed) requests_.Erase(*request);
    }
  }
}

// Somebody else wrote the record; nothing that was decided for it holds.
void Fleet::State::OnConflict(FleetRequest& request) {
  request.stale = true;
  const std::string& client = request.record.client_id;
  if (request.stage == RequestStage::kDone) {
    return requests_.Move(request, RequestStage::kHeld);
  }
  if (FleetServer* server = servers_.Find(request.server_id);
      server != nullptr && request.stage == RequestStage::kAsking) {
    server->asking.erase(client);
    --server->calls;
    if (request.left_there) server->left[client] = {.request_id = request.record.id};
    servers_.Update(*server);
  }
  request.server_id.clear();
  requests_.Move(request, RequestStage::kUnknown);
}

void Fleet::State::OnReserved(const FleetDecisions::SlotCall& call, SlotAnswer answer,
                              const std::string& detail, base::Timestamp now) {
  FleetServer* server = servers_.Find(call.server_id);
  if (server == nullptr || server->phase == ServerPhase::kEnding) return;
  --server->calls;
  servers_.Update(*server);
  FleetRequest* request = requests_.Find(call.client_id);
  const bool expected = request != nullptr && request->record.id == call.request_id &&
                        request->stage == RequestStage::kAsking &&
                        request->server_id == call.server_id;
  if (!expected) return OnStrayAnswer(call, answer, now);
  switch (answer) {
    case SlotAnswer::kHeld:
      return OnHeld(*request, *server, now);
    case SlotAnswer::kNotHeld:
      return OnRefused(*request, *server, now);
    case SlotAnswer::kNoAnswer:
      request->called = false;
      return OnUnansweredAsk(*server, detail);
  }
}

void Fleet::State::OnHeld(FleetRequest& request, FleetServer& server, base::Timestamp now) {
  server.fresh = false;
  server.unanswered_calls = 0;
  ++server.since_look;
  ++server.since_asked;
  Hold(request, server, RequestStage::kHeld);
  const int held = static_cast<int>(server.holders.size());
  if (server.learned > 0 && held > server.learned) server.learned = held;
  if (server.refused) JudgeRefusal(server, now);
  servers_.Update(server);
}

// The request went elsewhere, or ended, while the call was under way.
void Fleet::State::OnStrayAnswer(const FleetDecisions::SlotCall& call, SlotAnswer answer,
                                 base::Timestamp now) {
  FleetServer& server = *servers_.Find(call.server_id);
  const auto left = server.left.find(call.client_id);
  if (left == server.left.end()) return;
  left->second.busy = false;
  if (answer == SlotAnswer::kNoAnswer) return;
  FleetRequest* request = requests_.Find(call.client_id);
  const bool same = request != nullptr && request->record.id == call.request_id;
  if (answer == SlotAnswer::kHeld) {
    const bool wanted =
        same && request->stage == RequestStage::kWaiting && server.phase != ServerPhase::kDraining;
    if (wanted) OnHeld(*request, server, now);
    return;
  }
  server.left.erase(left);
  servers_.Update(server);
  if (same && request->stage == RequestStage::kLeaving) {
    requests_.Move(*request, RequestStage::kRemoving);
  }
}

void Fleet::State::OnRefused(FleetRequest& request, FleetServer& server, base::Timestamp now) {
  server.unanswered_calls = 0;
  server.refused = true;
  server.full_until = now + options_.call_pause;
  server.asking.erase(request.record.client_id);
  requests_.Move(request, RequestStage::kWaiting);
  LookSoon(server);
  JudgeRefusal(server, now);
}

// Only when no answer is missing any more it is known what the server held as it refused.
void Fleet::State::JudgeRefusal(FleetServer& server, base::Timestamp now) {
  if (!server.asking.empty()) return;
  const int held = static_cast<int>(server.holders.size());
  if (held == 0 && server.fresh) {
    return FailStart(server, absl::InternalError("it refused its first player"), now);
  }
  if (server.tells || held == 0) return;
  server.learned = held;
  expected_slots_ = std::max(expected_slots_, held);
  if (server.record.slots != held) {
    server.record.slots = held;
    Write(server);
  }
  servers_.Update(server);
}

void Fleet::State::OnReleased(const FleetDecisions::SlotCall& call, SlotAnswer answer) {
  FleetServer* server = servers_.Find(call.server_id);
  if (server == nullptr || server->phase == ServerPhase::kEnding) return;
  --server->calls;
  servers_.Update(*server);
  const auto left = server->left.find(call.client_id);
  if (left == server->left.end() || !left->second.busy) return;
  left->second.busy = false;
  if (answer == SlotAnswer::kNoAnswer) return OnUnanswered(*server);
  server->unanswered_calls = 0;
  if (answer == SlotAnswer::kHeld) return OnKept(*server, call.client_id);
  DropLeft(*server, call.client_id);
  LookSoon(*server);
}

// The player is there, for example. A request that only expired is in use, then.
void Fleet::State::OnKept(FleetServer& server, const std::string& client_id) {
  FleetRequest* request = requests_.Find(client_id);
  const bool here = request != nullptr && request->server_id == server.record.id;
  const bool expired = here && request->stage == RequestStage::kLeaving &&
                       request->record.state == RequestState::kDone;
  if (expired) return Hold(*request, server, RequestStage::kHeld);
  if (server.holders.contains(client_id)) {
    server.left.erase(client_id);
    return;
  }
  LeftSlot& slot = server.left[client_id];
  ++slot.kept;
  slot.next_call.reset();
}

// Its slot has been given back; who wanted that has left.
void Fleet::State::DropLeft(FleetServer& server, const std::string& client_id) {
  FleetRequest* request = requests_.Find(client_id);
  const bool leaving = request != nullptr && request->stage == RequestStage::kLeaving &&
                       request->server_id == server.record.id;
  if (leaving) requests_.Move(*request, RequestStage::kRemoving);
  server.left.erase(client_id);
}

// It gets no more requests until it answers a look, and those it was given go elsewhere.
void Fleet::State::OnUnanswered(FleetServer& server) {
  server.answering = false;
  server.to_call.clear();
  while (!server.asking.empty()) {
    FleetRequest& request = *requests_.Find(*server.asking.begin());
    Leave(request);
    requests_.Move(request, RequestStage::kWaiting);
  }
  LookSoon(server);
}

// Looks tell whether it lives. One that lives and gives no slots takes no more players; those it
// has go on.
void Fleet::State::OnUnansweredAsk(FleetServer& server, const std::string& detail) {
  if (server.answering) ++server.unanswered_calls;
  OnUnanswered(server);
  if (server.unanswered_calls < options_.call_attempts) return;
  if (server.holders.empty()) return End(server, kDoesNotAnswer, detail);
  server.phase = ServerPhase::kDraining;
  server.record.state = ServerState::kDraining;
  Write(server);
  servers_.Update(server);
}

}  // namespace muster::lobby
