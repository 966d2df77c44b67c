#pragma once

#include "lobby/request.h"

namespace muster::store {

// Whether a request in this state counts against the bound on waiting requests.
inline bool IsPending(lobby::RequestState state) {
  return state == lobby::RequestState::kCreated || state == lobby::RequestState::kInProgress;
}

}  // namespace muster::store
