#include "app/lobby_server/lobby_config.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "net/redis_url.h"
#include "net/url.h"

namespace muster::app::lobby_server {
namespace {

using base::EnvReader;
using std::chrono::milliseconds;

constexpr int64_t kMaxPort = 65535;
constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr int64_t kMaxCount = 1'000'000;
constexpr int64_t kMaxBytes = 1 << 26;
constexpr std::string_view kLoopback = "127.0.0.1";

milliseconds Millis(EnvReader& env, std::string_view name, int64_t default_ms, int64_t min = 1) {
  return milliseconds(env.Int(name, default_ms, min, kDayMs));
}

int Count(EnvReader& env, std::string_view name, int64_t default_value, int64_t min) {
  return static_cast<int>(env.Int(name, default_value, min, kMaxCount));
}

size_t Size(EnvReader& env, std::string_view name, int64_t default_value, int64_t min,
            int64_t max = kMaxCount) {
  return static_cast<size_t>(env.Int(name, default_value, min, max));
}

void ReadRoles(EnvReader& env, LobbyConfig* config) {
  config->serves_http = false;
  config->works = false;
  for (const std::string& role : env.List("LOBBY_ROLES", "http,worker")) {
    if (role == "http") {
      config->serves_http = true;
    } else if (role == "worker") {
      config->works = true;
    } else {
      env.Problem(base::StrCat("LOBBY_ROLES `", role, "` is none of: http, worker"));
    }
  }
}

// Whoever may be anybody is not let in from outside of this machine by mistake.
std::string ReadBindAddress(EnvReader& env, const AuthorizerConfig& authorizer) {
  std::string address = env.String("BIND_ADDRESS", authorizer.is_dev ? kLoopback : "0.0.0.0");
  return authorizer.is_dev && !authorizer.allow_insecure ? std::string(kLoopback) : address;
}

net::server::HttpServer::Options ReadServer(EnvReader& env, const AuthorizerConfig& authorizer) {
  net::server::HttpServer::Options options;
  options.address = ReadBindAddress(env, authorizer);
  options.port = static_cast<int>(env.Int("HTTP_PORT", 3000, 0, kMaxPort));
  options.threads = Size(env, "HTTP_THREADS", 0, 0, 1024);
  options.max_connections = Size(env, "MAX_CONNECTIONS", 20'000, 1);
  options.max_connections_per_peer = Size(env, "MAX_CONNECTIONS_PER_PEER", 0, 0);
  options.max_head_bytes = Size(env, "MAX_HEADER_BYTES", 16'384, 1024, kMaxBytes);
  options.max_body_bytes = Size(env, "MAX_BODY_BYTES", 65'536, 0, kMaxBytes);
  options.head_timeout = Millis(env, "HEADER_TIMEOUT_MS", 10'000);
  options.body_timeout = Millis(env, "BODY_TIMEOUT_MS", 20'000);
  options.idle_timeout = Millis(env, "KEEP_ALIVE_MS", 60'000);
  options.write_timeout = Millis(env, "WRITE_TIMEOUT_MS", 20'000);
  options.max_socket_message_bytes = Size(env, "MAX_SOCKET_MESSAGE_BYTES", 16'384, 64, kMaxBytes);
  options.max_socket_queue = Size(env, "MAX_SOCKET_QUEUE", 256, 1);
  options.max_socket_messages_per_second = Size(env, "MAX_SOCKET_MESSAGES_PER_SECOND", 50, 0);
  options.socket_idle_timeout = Millis(env, "SOCKET_IDLE_MS", 60'000);
  return options;
}

// A list of name=value; a value may be empty when `may_be_empty`.
template <typename Map>
void ReadPairs(EnvReader& env, std::string_view name, bool may_be_empty, Map* pairs) {
  for (const std::string& item : env.List(name, "")) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0 ||
        (!may_be_empty && equals + 1 == item.size())) {
      env.Problem(base::StrCat(name, ": an item is not name=value"));
      continue;
    }
    (*pairs)[item.substr(0, equals)] = item.substr(equals + 1);
  }
}

http::Addresses::Options ReadAddresses(EnvReader& env) {
  http::Addresses::Options options;
  options.external_hostname = env.String("EXTERNAL_HOSTNAME", "");
  ReadPairs(env, "NODE_HOSTNAMES", /*may_be_empty=*/false, &options.node_hostnames);
  absl::StatusOr<net::NetworkSet> proxies = net::NetworkSet::Parse(env.List("TRUSTED_PROXIES", ""));
  if (proxies.ok()) {
    options.trusted_proxies = *std::move(proxies);
  } else {
    env.Problem(base::StrCat("TRUSTED_PROXIES: ", proxies.status().message()));
  }
  return options;
}

// REDIS_SERVER_URL is what the earlier orchestrator's operators have.
std::string ReadStoreUrl(EnvReader& env) {
  std::string url = env.String("STORE_URL", "");
  const std::string server = env.String("REDIS_SERVER_URL", "");
  if (server.empty()) return url.empty() ? "sqlite:muster.db" : url;
  std::string same =
      server.find("://") == std::string::npos ? base::StrCat("redis://", server, "/0") : server;
  if (!url.empty() && url != same) {
    env.Problem(
        "STORE_URL and REDIS_SERVER_URL name different stores: set one of them, STORE_URL rather");
  }
  return url.empty() ? same : url;
}

StoreConfig ReadStore(EnvReader& env, const LobbyConfig& config) {
  constexpr std::string_view kSqlitePrefix = "sqlite:";
  StoreConfig store;
  store.max_pending_requests = env.Int("MAX_PENDING_REQUESTS", 10'000, 1, kMaxCount);
  const std::string url = ReadStoreUrl(env);
  if (url.starts_with(kSqlitePrefix)) {
    store.location = url.substr(kSqlitePrefix.size());
    if (store.location.empty()) env.Problem("STORE_URL sqlite: names no file");
    if (!config.serves_http || !config.works) {
      env.Problem(
          "LOBBY_ROLES must be http,worker with STORE_URL=sqlite:..., whose file one process has "
          "for itself; take redis://...");
    }
    return store;
  }
  store.kind = StoreConfig::Kind::kRedis;
  store.location = url;
  const absl::Status status = net::ParseRedisUrl(url).status();
  if (!status.ok()) env.Problem(base::StrCat("STORE_URL: ", status.message()));
  return store;
}

lobby::FleetOptions ReadFleet(EnvReader& env) {
  lobby::FleetOptions options;
  options.min_ready = Count(env, "SERVER_MIN_READY", 0, 0);
  options.max_servers = Count(env, "SERVER_MAX", 100, 1);
  options.max_starting = Count(env, "MAX_CONCURRENT_JOBS", 3, 1);
  options.slots = Count(env, "SERVER_SLOTS", 0, 0);
  options.idle_timeout = Millis(env, "SERVER_IDLE_TIMEOUT", 300'000);
  options.start_timeout = Millis(env, "SERVER_START_TIMEOUT", 30'000);
  options.call_timeout = Millis(env, "RESERVATION_TIMEOUT", 5'000);
  options.call_pause = Millis(env, "RESERVATION_COOLDOWN", 2'000);
  options.call_attempts = Count(env, "RESERVATION_RETRY_TIMES", 3, 1);
  options.look_interval = Millis(env, "LOOKUP_COOLDOWN", 1'000);
  options.request_attempts = Count(env, "REQUEST_ATTEMPTS", 3, 1);
  options.first_retry = Millis(env, "REQUEST_RETRY_MS", 5'000);
  options.last_retry = Millis(env, "REQUEST_RETRY_MAX_MS", 300'000);
  options.record_ttl = Millis(env, "REQUEST_TTL_MS", 3'600'000, 1000);
  if (options.min_ready > options.max_servers) {
    env.Problem("SERVER_MIN_READY is above SERVER_MAX");
  }
  return options;
}

lobby::FleetRunner::Options ReadRunner(EnvReader& env, const EngineConfig& engine) {
  lobby::FleetRunner::Options options;
  options.fleet = ReadFleet(env);
  options.lease_ttl = Millis(env, "LEASE_TTL_MS", 10'000, 100);
  options.list_interval = Millis(env, "SERVER_LIST_MS", 30'000, 100);
  options.stop_timeout = Millis(env, "SHUTDOWN_SERVERS_MS", 20'000, 0);
  // Processes are this machine's own; containers outlive a lobby that is replaced.
  const std::string default_fate = engine.kind == EngineConfig::Kind::kProcess ? "stop" : "keep";
  options.stop_used_servers =
      env.Choice("SERVERS_ON_SHUTDOWN", default_fate, {"stop", "keep"}) == "stop";
  return options;
}

ObservabilityConfig ReadObservability(EnvReader& env, bool on_terminal) {
  return ReadObservabilityConfig(env, on_terminal,
                                 {.app_name = "LOBBY_APP_NAME",
                                  .default_app_name = "muster-lobby",
                                  .port = "LOBBY_PROMETHEUS_PORT",
                                  .default_port = 8081,
                                  .prefix = "LOBBY_PROMETHEUS_PREFIX"});
}

}  // namespace

absl::StatusOr<LobbyConfig> ReadLobbyConfig(const base::Environment& environment, bool on_terminal,
                                            const std::string& program_folder) {
  EnvReader env(environment);
  LobbyConfig config;
  ReadRoles(env, &config);
  config.observability = ReadObservability(env, on_terminal);
  config.authorizer = ReadAuthorizerConfig(env);
  config.store = ReadStore(env, config);
  config.engine = ReadEngineConfig(env, program_folder);
  config.server = ReadServer(env, config.authorizer);
  config.addresses = ReadAddresses(env);
  config.rate.per_second = Count(env, "CLIENT_CALLS_PER_SECOND", 10, 0);
  config.rate.burst = Count(env, "CLIENT_CALLS_BURST", 20, 1);
  config.rate.max_clients = Size(env, "MAX_CLIENTS", 100'000, 1);
  config.sockets.max_sockets_per_client = Size(env, "MAX_SOCKETS_PER_CLIENT", 8, 1);
  config.fleet = ReadRunner(env, config.engine);
  config.requests = {.record_ttl = config.fleet.fleet.record_ttl,
                     .call_timeout = config.fleet.fleet.call_timeout,
                     .request_attempts = config.fleet.fleet.request_attempts};
  ReadPairs(env, "SERVER_ENVIRONMENT", /*may_be_empty=*/true, &config.server_environment);
  // Servers that were told something else are of another version.
  config.engine.process.environment = config.server_environment;
  config.engine.docker.container.environment = config.server_environment;
  config.engine.swarm.container.environment = config.server_environment;
  config.lobby_url = env.String("LOBBY_URL", "");
  config.store_workers = Size(env, "STORE_WORKERS", 32, 1, 1024);
  config.drain_delay = Millis(env, "SHUTDOWN_DELAY_MS", 200, 0);
  config.drain_grace = Millis(env, "SHUTDOWN_GRACE_MS", 10'000, 0);
  MUSTER_RETURN_IF_ERROR(env.status());
  return config;
}

}  // namespace muster::app::lobby_server
