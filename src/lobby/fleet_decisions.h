#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lobby/game_server.h"
#include "lobby/store.h"

namespace muster::lobby {

// Requests written or removed in one step, at most: a commit stays short, and others get between.
inline constexpr size_t kMaxBatchRequests = 500;

// What is to be done, in this order: `batch` is committed, then the calls are made whose request
// was not in conflict.
struct FleetDecisions {
  struct SlotCall {
    std::string server_id;
    std::string client_id;
    std::string request_id;
    std::string control_url;
    std::chrono::milliseconds timeout{0};
    // The call is made only if batch.requests[needs] went in; -1: in any case.
    int needs = -1;
  };
  struct StatusCall {
    std::string server_id;
    std::string control_url;
    std::chrono::milliseconds timeout{0};
  };
  // For metrics and logs.
  struct News {
    enum class Kind { kStarted, kFailed, kEnded, kStopFailed };
    Kind kind = Kind::kStarted;
    std::string server_id;
    // Not of kStarted; with what players are not told.
    std::string reason;
    // Of kStarted: since it was decided.
    std::chrono::milliseconds took{0};
  };

  // Records in removed_requests are whole, as kCancelled.
  Batch batch;
  std::vector<SlotCall> reserve;
  std::vector<SlotCall> release;
  std::vector<StatusCall> ask;
  std::vector<std::string> start;
  std::vector<std::string> stop;
  std::vector<News> news;
  // Decide again then, at the latest.
  base::Timestamp next{};
};

// For metrics and the operator.
struct FleetView {
  struct Server {
    GameServer server;
    // Held or being asked for.
    int used = 0;
    bool answering = false;
  };
  // In the order of their ids.
  std::vector<Server> servers;
  // Those without a slot.
  int waiting = 0;
};

}  // namespace muster::lobby
