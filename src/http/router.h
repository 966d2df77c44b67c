#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/answers.h"
#include "http/call.h"
#include "http/callers.h"
#include "http/observed_reply.h"
#include "http/rate_limiter.h"
#include "net/server/http_server.h"

namespace muster::http {

// A call that the lobby offers.
struct Route {
  // Of it in metrics and spans; a literal.
  std::string_view name;
  std::string_view method;
  // Segments; one in braces stands for any one segment, a parameter.
  std::string_view pattern;
  Right right = Right::kAdmin;
  ErrorForm errors = ErrorForm::kProblem;
  // Whether its callers have a rate.
  bool is_limited = true;
  std::function<void(Call)> answer;
  // See CallRecord.
  bool is_probe = false;
};

// Finds the route of a request, checks who calls and how often, and lets it be answered. A path
// that nobody offers is 404, one that is offered with another method 405. Below /request and /v1 a
// caller must show somebody even to learn that.
class Router final : public net::server::Handler {
 public:
  // All but the routes outlives the router.
  Router(std::vector<Route> routes, const Callers& callers, RateLimiter& limiter,
         const Observer& observer);

  void Handle(net::server::Request request, net::server::Reply reply) override;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> params;
    // Methods of the routes that have this path, when none has the request's.
    std::string allowed;
  };

  Match Find(const net::server::Request& request) const;
  void AnswerUnknown(const net::server::Request& request, const Match& match,
                     net::server::Reply reply) const;

  const std::vector<Route> routes_;
  const Callers& callers_;
  RateLimiter& limiter_;
  const Observer& observer_;
};

}  // namespace muster::http
