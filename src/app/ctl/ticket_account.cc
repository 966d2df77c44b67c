#include "app/ctl/ticket_account.h"

#include "app/ctl/table.h"

namespace muster::app::ctl {
namespace {

// More would not fit a line.
constexpr size_t kNamed = 5;

}  // namespace

void TicketAccount::CountSent(std::string_view id) {
  base::MutexLock lock(&mu_);
  ++tickets_[id].sent;
  ++totals_.tickets;
  ++totals_.left_over;
}

void TicketAccount::CountAnswer(const std::vector<std::string>& ticket_ids) {
  base::MutexLock lock(&mu_);
  ++totals_.answers;
  for (const std::string& id : ticket_ids) {
    ++totals_.matched;
    Counts& counts = tickets_[id];
    ++counts.matched;
    // Two tickets of one name are one ticket: the server leaves the second out.
    const int64_t allowed = id.empty() ? counts.sent : 1;
    if (counts.sent == 0) {
      unknown_.push_back(id);
    } else if (counts.matched > allowed) {
      repeated_.push_back(id);
    } else {
      --totals_.left_over;
    }
  }
}

TicketAccount::Totals TicketAccount::totals() const {
  base::MutexLock lock(&mu_);
  return totals_;
}

absl::Status TicketAccount::Check() const {
  base::MutexLock lock(&mu_);
  std::string problems;
  if (!unknown_.empty()) {
    problems = base::StrCat("the server returned tickets that were not sent: ",
                            JoinSome(unknown_, kNamed));
  }
  if (!repeated_.empty()) {
    problems += base::StrCat(problems.empty() ? "" : "; ",
                             "the server returned tickets twice: ", JoinSome(repeated_, kNamed));
  }
  return problems.empty() ? absl::OkStatus() : absl::InternalError(problems);
}

}  // namespace muster::app::ctl
