#pragma once

#include <memory>
#include <random>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/byte_budget.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "match/logic_cache.h"
#include "rpc/call_limits.h"
#include "telemetry/match_metrics.h"

namespace muster::rpc {

// Hands out a seed a stream, all of them decided by the first. Thread-safe.
class SeedSource {
 public:
  explicit SeedSource(base::IdSeed seed) : random_(seed[0] ^ (seed[1] * 0x9e3779b97f4a7c15ULL)) {}

  base::IdSeed Next() {
    base::MutexLock lock(&mu_);
    const uint64_t first = random_();
    return {first, random_()};
  }

 private:
  base::Mutex mu_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mu_);
};

// What all calls of the service share. Outlives the server; every part is thread-safe.
struct ServiceContext {
  ServiceContext(match::LogicFactory factory, match::LogicOptions logic_options,
                 const CallLimits& call_limits, base::IdSeed seed,
                 telemetry::MatchMetrics& match_metrics, const base::Clock& service_clock)
      : logics(std::move(factory), std::move(logic_options)),
        limits(call_limits),
        seeds(seed),
        buffered(std::make_shared<base::ByteBudget>(call_limits.max_buffered_bytes)),
        metrics(match_metrics),
        clock(service_clock) {
    metrics.ShowBuffered(buffered);
  }

  // RESOURCE_EXHAUSTED, and counted, for a message that is larger than allowed.
  absl::Status CheckMessageSize(size_t bytes) const {
    if (bytes <= limits.max_message_bytes) return absl::OkStatus();
    metrics.LimitReached(telemetry::Limit::kMessageBytes);
    return absl::ResourceExhaustedError(base::StrCat("a message of ", bytes,
                                                     " bytes is larger than the ",
                                                     limits.max_message_bytes, " allowed"));
  }

  match::LogicCache logics;
  const CallLimits limits;
  SeedSource seeds;
  const std::shared_ptr<base::ByteBudget> buffered;
  telemetry::MatchMetrics& metrics;
  const base::Clock& clock;
};

}  // namespace muster::rpc
