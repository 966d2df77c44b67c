#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "http/addresses.h"
#include "http/router.h"
#include "lobby/event_bus.h"
#include "lobby/requests.h"
#include "lobby/store.h"
#include "net/server/web_socket.h"
#include "telemetry/lobby_metrics.h"

namespace muster::http {

// The WebSocket /v1/ws: one JSON object a message.
//
//   client {"type":"subscribe","topic":"requests"}
//   server {"type":"subscribed","id":0,"data":{"topic":"requests"}}, then the request as it is, if
//          there is one, and each change of it: see RequestMessage. `id` grows with every change;
//          a change may be passed over when a newer one is known.
//   server {"type":"error","id":0,"data":{"detail":"..."}} for a message that makes no sense
//
// Each player sees what is the player's own. Thread-safe.
class SocketHub {
 public:
  struct Options {
    // Of one client, at least 1; more are refused with 429.
    size_t max_sockets_per_client = 8;
  };
  // Everything outlives the object, which outlives the routes and the sockets.
  struct Ports {
    lobby::Requests& requests;
    lobby::Store& store;
    lobby::EventBus& bus;
    const Addresses& addresses;
    telemetry::LobbyMetrics& metrics;
  };

  SocketHub(const Options& options, Ports ports);
  ~SocketHub();

  std::vector<Route> Routes();

 private:
  class Session;
  // A client's end that wants to know of its requests.
  using Sessions = std::vector<std::shared_ptr<Session>>;
  using ClientIds = absl::flat_hash_set<std::string, base::StringHash, base::StringEq>;

  void Accept(Call call);
  // False when the client has too many.
  bool Enter(const std::shared_ptr<Session>& session);
  void Leave(const std::shared_ptr<Session>& session);
  void Subscribe(const std::shared_ptr<Session>& session);
  void OnRequestMessage(std::string_view payload);
  void Deliver(const lobby::Request& request);
  // Changes may have been missed: every client's request is read again.
  void OnGap();
  // Reads again what is stale, on a thread of its own.
  void Refresh(const std::stop_token& stop);
  // The clients to read again, once there are any; none when stopped.
  ClientIds AwaitStale(const std::stop_token& stop);
  // Whoever waits is to be read again.
  void NoteWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RefreshClient(const std::string& client_id, const std::stop_token& stop);

  const Options options_;
  const Ports ports_;
  base::Mutex mu_;
  absl::flat_hash_map<std::string, Sessions, base::StringHash, base::StringEq> sessions_
      ABSL_GUARDED_BY(mu_);
  base::CondVar wake_;
  // Clients whose request could not be read, or may have changed unseen.
  ClientIds stale_ ABSL_GUARDED_BY(mu_);
  // Its callbacks use what is above.
  std::unique_ptr<lobby::EventBus::Subscription> subscription_;
  std::jthread refresher_;
};

}  // namespace muster::http
