#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
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
  using Replies = std::vector<net::server::Reply>;

  void Ready(Call call);
  void RunChecks();
  Replies TakeWaiting();

  const std::vector<Check> checks_;
  base::WorkerPool& workers_;
  base::Mutex mu_;
  // One check at a time, whose answer all get who wait: anybody may ask.
  Replies waiting_ ABSL_GUARDED_BY(mu_);
  bool is_checking_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace muster::http
