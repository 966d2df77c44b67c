#pragma once

#include <string>
#include <string_view>

#include "lobby/request.h"

// How players see requests: a JSON object of `id`, `state`, and where they are known `address`
// ("host:port"), `reason`, `attempts`, `created_at_ms`, `changed_at_ms`, `retry_at_ms`
// (milliseconds since 1970, UTC).
namespace muster::http {

// `address`: what the player is told for the place; counts only when the request is done.
std::string RequestView(const lobby::Request& request, std::string_view address);

// A message of the WebSocket: {"type":"request.ready","id":revision,"data":view}. The type's second
// word is `waiting`, `ready`, `failed` or `cancelled`.
std::string RequestMessage(const lobby::Request& request, std::string_view address);

}  // namespace muster::http
