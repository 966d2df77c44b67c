#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "app/lobby_server/lobby_config.h"
#include "base/clock.h"
#include "lobby/event_bus.h"
#include "lobby/store.h"

namespace muster::app::lobby_server {

// A lobby's memory, and its voice to other replicas.
struct LobbyStores {
  std::unique_ptr<lobby::Store> store;
  std::unique_ptr<lobby::EventBus> bus;
  // Messages that the bus let go so far.
  std::function<int64_t()> dropped;
  // What in the store's own settings lets it lose writes; blocks.
  std::function<std::vector<std::string>()> durability_problems;
};

// Opens what the configuration names. Redis may still be away then. Errors are those of
// SqliteStore::Open. `clock` outlives the stores.
absl::StatusOr<LobbyStores> OpenStores(const StoreConfig& config, const base::Clock& clock);

// The key of game servers' tokens, which the store keeps: made at the very first start. Waits for a
// store that cannot be reached yet, as after a machine's start; UNAVAILABLE when that takes long.
absl::StatusOr<std::string> ServerTokenKey(lobby::Store& store);

}  // namespace muster::app::lobby_server
