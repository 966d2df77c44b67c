#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace muster::match {

// Which of the matchmaking service's rules are honoured.
enum class Profile {
  // Those of the open matcher; the keys of the others are ignored.
  kCore,
  // Also roles, sub-game modes, cross-play and the default of rebalancing.
  kHosted,
};

// Which of the legal matches are made.
enum class Strategy {
  // The oldest ticket first, with the best candidates for it.
  kOldestFirst,
  // The most players, then the least spread, over all tickets of a tick.
  kQuality,
};

// What every logic is told about the server that runs it. A logic may ignore what it has no use
// for.
struct LogicOptions {
  // For matches in which no ticket says where it is.
  std::vector<std::string> default_regions = {"us-east-2", "us-west-2"};
  // Tickets that one stream may carry: no match can be larger.
  int64_t max_stream_tickets = 1'000'000;
  // Rules longer or nested deeper than this are refused.
  size_t max_rules_bytes = 64 * 1024;
  int max_rules_depth = 32;

  Profile profile = Profile::kCore;
  // When the rules name none.
  Strategy strategy = Strategy::kOldestFirst;
  // How long one tick may take; then it ends with the matches made so far.
  std::chrono::milliseconds tick_time_limit{4000};
  // Fill teams with the largest parties first, instead of the nearest.
  bool prioritize_larger_parties = false;
  // An option of type `any` needs one value that all tickets share, not one shared with the oldest.
  bool any_options_all_common = true;
  // An empty list of options counts as a list: `cross_platform` is then compared like any other
  // attribute (quirk Q20 of the vendor's matcher).
  bool empty_options_count = false;
  // An empty text among a ticket's excluded sessions excludes all of them (quirk Q50).
  bool empty_exclusion_excludes_all = false;
};

}  // namespace muster::match
