#include "app/lobby_server/lobby_stores.h"

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>

#include "auth/secret.h"
#include "base/status_macros.h"
#include "base/stop_wait.h"
#include "net/redis_url.h"
#include "store/local_bus.h"
#include "store/redis/redis_bus.h"
#include "store/redis/redis_store.h"
#include "store/sqlite/sqlite_store.h"

namespace muster::app::lobby_server {
namespace {

constexpr std::string_view kServerTokenKey = "server_token_key";
// Whatever starts beside us is there by then.
constexpr int kAttempts = 20;
constexpr std::chrono::milliseconds kPause{500};

absl::StatusOr<LobbyStores> OpenSqlite(const StoreConfig& config, const base::Clock& clock) {
  store::sqlite::SqliteStore::Options options;
  options.path = config.location;
  options.max_pending = config.max_pending_requests;
  LobbyStores stores;
  MUSTER_ASSIGN_OR_RETURN(stores.store, store::sqlite::SqliteStore::Open(options, clock));
  auto bus = std::make_unique<store::LocalBus>(store::LocalBus::Options());
  stores.dropped = [bus = bus.get()] { return bus->dropped(); };
  stores.durability_problems = [] { return std::vector<std::string>(); };
  stores.bus = std::move(bus);
  return stores;
}

absl::StatusOr<LobbyStores> OpenRedis(const StoreConfig& config, const base::Clock& clock) {
  MUSTER_ASSIGN_OR_RETURN(net::RedisAddress address, net::ParseRedisUrl(config.location));
  store::redis::RedisStore::Options options;
  options.pool.connection.address = address;
  options.max_pending = config.max_pending_requests;
  store::redis::RedisBus::Options bus_options;
  bus_options.connection.address = std::move(address);
  LobbyStores stores;
  auto store = std::make_unique<store::redis::RedisStore>(std::move(options), clock);
  stores.durability_problems = [store = store.get()] {
    // A server that is away is told of otherwise.
    return store->DurabilityProblems().value_or(std::vector<std::string>());
  };
  stores.store = std::move(store);
  auto bus = std::make_unique<store::redis::RedisBus>(bus_options, clock);
  stores.dropped = [bus = bus.get()] { return bus->dropped(); };
  stores.bus = std::move(bus);
  return stores;
}

}  // namespace

absl::StatusOr<LobbyStores> OpenStores(const StoreConfig& config, const base::Clock& clock) {
  return config.kind == StoreConfig::Kind::kSqlite ? OpenSqlite(config, clock)
                                                   : OpenRedis(config, clock);
}

absl::StatusOr<std::string> ServerTokenKey(lobby::Store& store) {
  const std::string fresh = auth::RandomSecret();
  absl::StatusOr<std::string> key = store.Setting(kServerTokenKey, fresh);
  for (int i = 1; i < kAttempts && absl::IsUnavailable(key.status()); ++i) {
    if (!base::WaitUnlessStopped(kPause, std::stop_token())) break;
    key = store.Setting(kServerTokenKey, fresh);
  }
  return key;
}

}  // namespace muster::app::lobby_server
