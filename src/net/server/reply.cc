#include <utility>

#include "net/server/http_server.h"
#include "net/server/response_text.h"

namespace muster::net::server {

Reply::~Reply() {
  if (sink_ != nullptr) Send(InternalError());
}

void Reply::Send(Response response) {
  const std::shared_ptr<Sink> sink = std::exchange(sink_, nullptr);
  if (sink != nullptr) sink->Send(std::move(response));
}

void Reply::Accept(std::unique_ptr<WebSocketHandler> handler) {
  const std::shared_ptr<Sink> sink = std::exchange(sink_, nullptr);
  if (sink != nullptr) sink->Accept(std::move(handler));
}

std::string_view RefusalName(Refusal refusal) {
  switch (refusal) {
    case Refusal::kTooManyConnections:
      return "too_many_connections";
    case Refusal::kMalformed:
      return "malformed";
    case Refusal::kHeadTooLong:
      return "head_too_long";
    case Refusal::kBodyTooLong:
      return "body_too_long";
    case Refusal::kTooSlow:
      return "too_slow";
    case Refusal::kSocketQueueFull:
      return "socket_queue_full";
    case Refusal::kSocketMessageTooLong:
      return "socket_message_too_long";
    case Refusal::kSocketTooManyMessages:
      return "socket_too_many_messages";
    case Refusal::kAcceptFailed:
      return "accept_failed";
  }
  return "unknown";
}

}  // namespace muster::net::server
