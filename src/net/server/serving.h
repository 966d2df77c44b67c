#pragma once

#include <atomic>

#include "net/server/admission.h"
#include "net/server/http_server.h"

namespace muster::net::server {

// What the connections of a server share; outlives them. Thread-safe.
struct Serving {
  Serving(HttpServer::Options its_options, Handler& its_handler)
      : options(std::move(its_options)),
        handler(its_handler),
        admission({.connections = options.max_connections,
                   .per_peer = options.max_connections_per_peer}) {}

  void CountRefusal(Refusal refusal) const {
    if (options.on_refusal) options.on_refusal(refusal);
  }

  const HttpServer::Options options;
  Handler& handler;
  Admission admission;
  std::atomic<size_t> web_sockets = 0;
  // Connections that are being told that there is no place for them.
  std::atomic<size_t> turned_away = 0;
};

}  // namespace muster::net::server
