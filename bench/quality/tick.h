#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "match/logic_options.h"
#include "match/match_logic.h"

namespace muster::bench {

// The built-in logic of this name with these rules.
absl::StatusOr<std::shared_ptr<const match::MatchLogic>> MakeLogic(
    const std::string& name, const std::string& rules_json, const match::LogicOptions& options);

struct TickResult {
  // From the first ticket handed in to the last match handed out, the end of the run included.
  std::chrono::duration<double, std::milli> time{0};
  std::vector<match::Match> matches;
  int64_t match_count = 0;
  // Tickets not looked at, because the time limit came first.
  int64_t out_of_time = 0;
};

// What becomes of matches.
enum class Keep {
  kMatches,
  // They are counted, and forgotten at once, as a server does that has written them.
  kNothing,
};

// One tick of the logic over the tickets, on this thread. INTERNAL when a ticket is left out:
// whoever makes the tickets makes none that cannot be matched.
absl::StatusOr<TickResult> RunTick(const match::MatchLogic& logic,
                                   const std::vector<match::Ticket>& tickets, base::Timestamp now,
                                   Keep keep = Keep::kMatches);

}  // namespace muster::bench
