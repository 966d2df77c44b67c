#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/client/client_options.h"
#include "rpc/client/wire_ticket.h"

namespace muster::rpc::client {

enum class LoadMethod { kStatCodes, kValidate, kEnrich, kMakeMatches };

struct LoadOptions {
  LoadMethod method = LoadMethod::kValidate;
  // Calls under way at once; for make-matches each is a stream that carries all of `tickets`. From
  // 1 to 10,000: more would measure the client's own memory.
  int in_flight = 64;
  // Ends after this many calls, 0: no such end; and starts none after this time, 0: no such end.
  // One of the two must be set.
  int64_t count = 0;
  std::chrono::milliseconds duration{10'000};
  // Call number n, counted from 0, starts no earlier than n / calls_per_second seconds after the
  // first, and within some milliseconds of that while fewer than `in_flight` are under way; 0: as
  // fast as `in_flight` allows.
  double calls_per_second = 0;
  // Sent with each call; empty: left out.
  std::string rules;
  // Unary calls take them in turn; needed by all methods but kStatCodes.
  std::vector<WireTicket> tickets;
};

// What a load run saw. Latencies are those of whole calls, and of failed ones too.
struct LoadReport {
  int64_t calls = 0;
  int64_t errors = 0;
  // Only of make-matches.
  int64_t tickets_sent = 0;
  int64_t matches_received = 0;
  // From the first call's start to the last one's end.
  std::chrono::nanoseconds elapsed{0};
  std::chrono::microseconds p50{0};
  std::chrono::microseconds p95{0};
  std::chrono::microseconds p99{0};
  // OK when there were no errors.
  absl::Status first_error;

  double PerSecond(int64_t events) const;
};

// Calls the server as fast as the options allow. Requests are serialised before the clock starts
// and answers are not parsed, so that the client costs as little as it can. Blocks until every call
// has ended; a call never takes longer than ClientOptions::deadline. INVALID_ARGUMENT for options
// out of bounds, UNAVAILABLE when no connection comes up within 2 s; failed calls are no error but
// counted.
absl::StatusOr<LoadReport> RunLoad(const ClientOptions& client_options, const LoadOptions& options);

}  // namespace muster::rpc::client
