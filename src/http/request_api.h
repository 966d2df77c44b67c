#pragma once

#include <vector>

#include "base/clock.h"
#include "http/addresses.h"
#include "http/router.h"
#include "lobby/requests.h"

namespace muster::http {

// A player's request for a slot:
//
//   POST   /request             202 "Accepted", 200 "host:port", 503 reason; plain text
//   POST   /v1/requests         the same as JSON: 202 or 200 with the request, 503 with the reason
//   GET    /v1/requests         an array: the caller's request, or nothing
//   GET    /v1/requests/{id}    the request
//   DELETE /v1/requests/{id}    202: it is cancelled, and its slot is being given back
//
// An administrator names another player's request with ?client=CLIENT. The body of a POST is not
// looked at. A 202 says with Location where to look.
class RequestApi {
 public:
  // Everything outlives the object, which outlives the routes.
  RequestApi(lobby::Requests& requests, const Addresses& addresses, const base::Clock& clock)
      : requests_(requests), addresses_(addresses), clock_(clock) {}

  std::vector<Route> Routes();

 private:
  void Ask(Call call, ErrorForm form);
  void ListMine(Call call);
  void Get(Call call);
  void Cancel(Call call);
  // The answer to an ask. `host` is the caller's word for the lobby.
  net::server::Response AskResponse(const absl::StatusOr<lobby::Request>& request,
                                    const std::string& host, ErrorForm form) const;

  lobby::Requests& requests_;
  const Addresses& addresses_;
  const base::Clock& clock_;
};

}  // namespace muster::http
