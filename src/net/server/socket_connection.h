#pragma once

#include <memory>
#include <string>

#include "net/server/io_thread.h"
#include "net/server/serving.h"

namespace muster::net::server {

// What becomes of a request that was allowed to be a WebSocket.
struct Upgrade {
  // Of the header Sec-WebSocket-Key, checked.
  std::string key;
  std::unique_ptr<WebSocketHandler> handler;
};

// Answers the upgrade and serves the WebSocket to its end. Called on `thread`, to which the socket
// belongs; returns at once.
void ServeSocket(Serving& serving, std::shared_ptr<IoThread> thread, Socket socket,
                 Admission::Ticket ticket, Upgrade upgrade);

}  // namespace muster::net::server
