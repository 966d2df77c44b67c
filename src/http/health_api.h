#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/worker_pool.h"
#include "http/router.h"

namespace muster::http {

// Whether the program lives, and whether it can be given calls:
//
//   GET /healthz   200 "ok" as long as it answers at all
//   GET /readyz    200 {"ready":true}, or 503 {"ready":false,"problems":["store: ..."]}
class HealthApi {
 public:
  struct Check {
    std::string name;
    // May block for a bounded time.
    std::function<absl::Status()> run;
  };

  // `workers`, where checks run, outlives the object, which outlives the routes.
  HealthApi(std::vector<Check> checks, base::WorkerPool& workers)
      : checks_(std::move(checks)), workers_(workers) {}

  std::vector<Route> Routes();

 private:
  void Ready(Call call);

  const std::vector<Check> checks_;
  base::WorkerPool& workers_;
};

}  // namespace muster::http
