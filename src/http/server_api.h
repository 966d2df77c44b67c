#pragma once

#include <functional>
#include <vector>

#include "base/worker_pool.h"
#include "http/addresses.h"
#include "http/router.h"
#include "lobby/event_bus.h"
#include "lobby/fleet.h"
#include "lobby/server_command.h"
#include "lobby/store.h"

namespace muster::http {

// Game servers, for operators and for the servers themselves:
//
//   GET    /v1/servers               an array of all of them (admin)
//   DELETE /v1/servers/{id}          202: takes no more players and ends when empty; ?now=true:
//                                    ends now, and its players are told (admin)
//   POST   /v1/servers/{id}/changed  204: the server's occupancy changed (that server)
//
// A server is an object of `id`, `state`, `address` or nothing while it is starting, `node`,
// `slots`, `created_at_ms`; and of `used` and `answering` where this replica owns the fleet.
class ServerApi {
 public:
  // Everything outlives the object, which outlives the routes.
  struct Ports {
    lobby::Store& store;
    lobby::EventBus& bus;
    // Blocking calls of the store run there.
    base::WorkerPool& workers;
    const Addresses& addresses;
    // Empty where this replica does not own the fleet.
    std::function<lobby::FleetView()> view;
  };

  explicit ServerApi(Ports ports) : ports_(std::move(ports)) {}

  std::vector<Route> Routes();

 private:
  void List(Call call);
  void End(Call call);
  void Changed(Call call);

  const Ports ports_;
};

}  // namespace muster::http
