#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "base/strings.h"

namespace muster::app::ctl {

// Keeps account of what became of every ticket of a stream: each must come back once at most, and
// nothing may come back that was not sent. Tickets are told apart by id; those without one are only
// counted. Thread-safe.
class TicketAccount {
 public:
  void CountSent(std::string_view id);
  // A match or proposal that holds these tickets.
  void CountAnswer(const std::vector<std::string>& ticket_ids);

  struct Totals {
    int64_t tickets = 0;
    int64_t answers = 0;
    // Tickets in answers, whether rightly or not.
    int64_t matched = 0;
    // Tickets sent and in no answer.
    int64_t left_over = 0;
  };
  Totals totals() const;

  // INTERNAL, naming some of the tickets, when one came back twice or was never sent.
  absl::Status Check() const;

 private:
  struct Counts {
    int64_t sent = 0;
    int64_t matched = 0;
  };

  mutable base::Mutex mu_;
  absl::flat_hash_map<std::string, Counts, base::StringHash, base::StringEq> tickets_
      ABSL_GUARDED_BY(mu_);
  Totals totals_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> unknown_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> repeated_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::app::ctl
