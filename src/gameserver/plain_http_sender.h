#pragma once

#include <stop_token>
#include <string>

#include "base/http.h"

namespace muster::gameserver {

// Calls web servers by http://, a connection a call; https:// is INVALID_ARGUMENT. Made of Asio
// alone, so that the program can be linked statically. A look-up of a name that hangs is waited for
// until the resolver gives up, whatever the timeout says. Thread-safe.
class PlainHttpSender final : public base::HttpSender {
 public:
  explicit PlainHttpSender(std::string user_agent) : user_agent_(std::move(user_agent)) {}

  absl::StatusOr<base::HttpResponse> Send(const base::HttpRequest& request,
                                          std::stop_token stop) override;

 private:
  const std::string user_agent_;
};

}  // namespace muster::gameserver
