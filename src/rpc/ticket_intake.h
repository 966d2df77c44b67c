#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "match/admission.h"
#include "match/match.h"
#include "rpc/call_observer.h"
#include "rpc/service_context.h"
#include "rpc/ticket_codec.h"
#include "rpc/ticket_store.h"

namespace muster::rpc {

// The way of a stream's tickets from the wire to a run, and the account of what became of each:
// received = left out + taken + backfill
// tickets taken, taken = matched + left over. Not thread-safe, except `store`.
class TicketIntake {
 public:
  // Hands a ticket to the run; see match::MatchRun::AddTicket.
  using AddTicket = std::function<std::optional<match::LeftOut>(const match::Ticket&)>;

  // `echo_field`: see TicketStore.
  TicketIntake(ObservedCall& call, int echo_field, ServiceContext& context);

  // Counts a frame against the limits of a stream. RESOURCE_EXHAUSTED past one.
  absl::Status CountFrame(size_t bytes);

  // Takes a ticket, or leaves it out, which is no error. `wire` is the ticket as it came.
  // RESOURCE_EXHAUSTED past a limit.
  absl::Status Take(const pb::Ticket& message, std::string_view wire, const AddTicket& add);

  // Takes a backfill ticket. Returns its decoded form, or nothing when it is left out.
  absl::StatusOr<std::optional<match::BackfillTicket>> TakeBackfill(
      const pb::BackfillTicket& message, std::string_view wire);

  // Marks tickets as placed. INTERNAL, marking nothing further, when the logic named a ticket that
  // it was not given or that it has placed before.
  absl::Status Place(const std::vector<match::TicketIndex>& tickets);

  // The logic ran out of time and left so many tickets, or backfill tickets, aside: tells log and
  // metrics, the first time.
  void NoteOutOfTime(size_t not_looked_at);

  // Settles the account and ends the call's observation with it.
  void Close(const absl::Status& status, int64_t answers);

  ~TicketIntake() { context_.buffered->Return(charged_bytes_); }
  TicketIntake(const TicketIntake&) = delete;
  TicketIntake& operator=(const TicketIntake&) = delete;

  const std::shared_ptr<TicketStore>& store() const { return store_; }
  const TicketStore& backfill_store() const { return backfill_store_; }

 private:
  absl::Status CountTicket();
  // Takes memory that goes with what is kept out of the shared budget.
  absl::Status Charge(size_t bytes);
  absl::Status LimitReached(telemetry::Limit limit, std::string_view message);
  void NoteWait(base::Timestamp created_at, base::Timestamp now);
  void LeaveOut(match::LeftOut reason, std::string_view ticket_id);

  ObservedCall& call_;
  const telemetry::Method method_;
  ServiceContext& context_;
  const std::shared_ptr<TicketStore> store_;
  TicketStore backfill_store_;
  match::Admission admission_;
  // Used again for each ticket.
  TicketNames names_;
  match::Ticket ticket_;
  size_t bytes_ = 0;
  size_t charged_bytes_ = 0;
  int64_t received_ = 0;
  int64_t taken_ = 0;
  int64_t backfill_taken_ = 0;
  // Spent in the logic while tickets came in.
  std::chrono::nanoseconds adding_{0};
  int64_t placed_ = 0;
  bool is_out_of_time_ = false;
  std::vector<bool> is_placed_;
  // Of each ticket that was taken; the epoch when it does not say.
  std::vector<base::Timestamp> created_at_;
  std::array<int64_t, match::kLeftOutReasons> left_out_ = {};
};

}  // namespace muster::rpc
