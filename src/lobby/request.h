#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/clock.h"

namespace muster::lobby {

// The life of a player's request for a slot on a game server:
//
//   created -> in_progress -> done
//      ^            |          |    lost its server, or its slot
//      +--- failed <+----------+
//   any of them -> cancelled, until the slot has been given back
enum class RequestState {
  // Waits for a server.
  kCreated,
  // A server was chosen for it; the slot is being asked for.
  kInProgress,
  // The slot is held; `place` says where.
  kDone,
  // `reason` says why; the client's next ask begins anew while attempts are left.
  kFailed,
  // The client wants it no more; ends when its slot has been given back.
  kCancelled,
};

// For example "in_progress".
std::string_view RequestStateName(RequestState state);

// Where a server's players go.
struct Place {
  std::string server_id;
  // The machine it runs on, as the engine names it; empty: the lobby's own.
  std::string node;
  // An address of that machine that players may reach; empty: the lobby's own.
  std::string node_address;
  // On that machine.
  int port = 0;
  // Where its Reservation API answers, without a final slash: "http://host:port".
  std::string control_url;

  bool operator==(const Place&) const = default;
};

// A client has at most one. The store gives `revision`.
struct Request {
  // Data that somebody else chose: see CheckClientId.
  std::string client_id;
  // 32 hexadecimal digits, new with each ask that begins anew.
  std::string id;
  RequestState state = RequestState::kCreated;
  // Failed ones since the client began to ask.
  int attempts = 0;
  std::string reason;
  // Of kInProgress: the server that was chosen, or empty; of kDone: where the slot is; of
  // kCancelled: where a slot may be held.
  Place place;
  base::Timestamp created_at{};
  // Of the latest change of state.
  base::Timestamp changed_at{};
  // Removed then, unless it is asked for before.
  base::Timestamp expires_at{};
  // Of kFailed without attempts left: not before then does an ask begin anew.
  base::Timestamp retry_at{};
  // Every write gives the next number of one count for all requests: it tells which of two records
  // is newer, and orders changes.
  int64_t revision = 0;

  bool operator==(const Request&) const = default;
};

// See base::CheckPathId.
absl::Status CheckClientId(std::string_view client_id);

}  // namespace muster::lobby
