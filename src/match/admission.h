#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/strings.h"
#include "match/match.h"

namespace muster::match {

// The names of a ticket that decide whether it may take part. Views: see Admission.
struct TicketIdentity {
  std::string_view ticket_id;
  std::string_view match_pool;
  std::vector<std::string_view> player_ids;
};

// Decides which tickets of one stream take part: all of one pool, each with players, none twice and
// no player twice. Costs two hash look-ups a ticket and keeps only views, so the strings of an
// admitted ticket must outlive it. Not thread-safe.
class Admission {
 public:
  // Nothing when the ticket may take part: from then on its id and players are taken, and the first
  // one's pool is the stream's. Else why not, and nothing is remembered. An empty ticket id is no
  // name and never a repetition.
  std::optional<LeftOut> Admit(const TicketIdentity& ticket);

  // Takes back the latest Admit, which admitted `ticket`: its id, its players, and the pool if it
  // chose it.
  void Forget(const TicketIdentity& ticket);

  // As Admit, for a backfill ticket, which has only a pool and an id.
  std::optional<LeftOut> AdmitBackfill(std::string_view id, std::string_view match_pool);

 private:
  bool IsOtherPool(std::string_view match_pool) const { return pool_ && *pool_ != match_pool; }
  std::optional<LeftOut> TakePlayers(const TicketIdentity& ticket);

  std::optional<std::string> pool_;
  bool latest_chose_pool_ = false;
  absl::flat_hash_set<std::string_view, base::StringHash, base::StringEq> ticket_ids_;
  absl::flat_hash_set<std::string_view, base::StringHash, base::StringEq> player_ids_;
  absl::flat_hash_set<std::string, base::StringHash, base::StringEq> backfill_ids_;
};

}  // namespace muster::match
