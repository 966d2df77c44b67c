#include "rpc/ticket_intake.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "rpc/wire.h"

namespace muster::rpc {
namespace {

// Tickets of one stream that get a line of their own in the log when they are left out; all are
// counted.
constexpr int64_t kMaxLoggedTickets = 5;

// Longest piece of a caller's text that a log line repeats.
constexpr size_t kMaxShownBytes = 64;

constexpr std::string_view kBudgetUsedUp =
    "the tickets of all streams together take more memory than the server may use";

// The backfill tickets' own store is never echoed as fields.
constexpr int kNoEchoField = 1;

// A backfill ticket is kept decoded too. Measured with attributes of nulls, the worst case.
constexpr size_t kDecodedBackfillFactor = 16;

// About what admission and a run keep of a ticket beside its wire bytes.
size_t KeptBytes(const pb::Ticket& ticket) {
  constexpr size_t kTicket = 128;
  constexpr size_t kPlayer = 96;
  constexpr size_t kExcludedSession = 64;
  return kTicket + kPlayer * static_cast<size_t>(ticket.players_size()) +
         kExcludedSession * static_cast<size_t>(ticket.excluded_sessions_size());
}

size_t Index(match::LeftOut reason) { return static_cast<size_t>(reason); }

}  // namespace

TicketIntake::TicketIntake(ObservedCall& call, int echo_field, ServiceContext& context)
    : call_(call),
      method_(call.method()),
      context_(context),
      store_(std::make_shared<TicketStore>(echo_field, context.buffered)),
      backfill_store_(kNoEchoField, context.buffered) {}

absl::Status TicketIntake::CountFrame(size_t bytes) {
  const CallLimits& limits = context_.limits;
  MUSTER_RETURN_IF_ERROR(context_.CheckMessageSize(bytes));
  bytes_ += bytes;
  if (bytes_ > limits.max_stream_bytes) {
    return LimitReached(
        telemetry::Limit::kStreamBytes,
        base::StrCat("the stream carries more than ", limits.max_stream_bytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status TicketIntake::CountTicket() {
  context_.metrics.TicketReceived(method_);
  if (++received_ <= context_.limits.max_stream_tickets) return absl::OkStatus();
  return LimitReached(telemetry::Limit::kStreamTickets,
                      base::StrCat("the stream carries more than ",
                                   context_.limits.max_stream_tickets, " tickets"));
}

absl::Status TicketIntake::Charge(size_t bytes) {
  if (!context_.buffered->TryTake(bytes)) {
    return LimitReached(telemetry::Limit::kBufferedBytes, kBudgetUsedUp);
  }
  charged_bytes_ += bytes;
  return absl::OkStatus();
}

absl::Status TicketIntake::LimitReached(telemetry::Limit limit, std::string_view message) {
  context_.metrics.LimitReached(limit);
  return absl::ResourceExhaustedError(base::ToAbsl(message));
}

absl::Status TicketIntake::Take(const pb::Ticket& message, std::string_view wire,
                                const AddTicket& add) {
  MUSTER_RETURN_IF_ERROR(CountTicket());
  MUSTER_RETURN_IF_ERROR(Charge(KeptBytes(message)));
  const absl::StatusOr<std::string_view> kept = store_->Add(wire);
  if (!kept.ok()) return LimitReached(telemetry::Limit::kBufferedBytes, kBudgetUsedUp);
  ScanTicket(*kept, &names_);
  std::optional<match::LeftOut> refused = admission_.Admit(names_.identity);
  if (!refused) {
    DecodeTicket(message, &ticket_);
    created_at_.resize(static_cast<size_t>(taken_));
    created_at_.push_back(ticket_.created_at.value_or(base::Timestamp()));
    const base::MonotonicTime start = context_.clock.MonotonicNow();
    refused = add(ticket_);
    adding_ += context_.clock.MonotonicNow() - start;
    if (wire.size() > kKeepDecodedBytes) ticket_ = match::Ticket();
    if (refused) admission_.Forget(names_.identity);
  }
  if (refused && taken_ < static_cast<int64_t>(is_placed_.size()) && is_placed_.at(taken_)) {
    return absl::InternalError("the match logic refused a ticket that it had placed");
  }
  if (refused) {
    LeaveOut(*refused, message.ticket_id());
    store_->Undo();
    context_.buffered->Return(KeptBytes(message));
    charged_bytes_ -= KeptBytes(message);
  } else {
    ++taken_;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<match::BackfillTicket>> TicketIntake::TakeBackfill(
    const pb::BackfillTicket& message, std::string_view wire) {
  MUSTER_RETURN_IF_ERROR(CountTicket());
  if (const auto refused = admission_.AdmitBackfill(message.ticket_id(), message.match_pool())) {
    LeaveOut(*refused, message.ticket_id());
    return std::optional<match::BackfillTicket>();
  }
  MUSTER_RETURN_IF_ERROR(Charge(kDecodedBackfillFactor * wire.size()));
  if (!backfill_store_.Add(wire).ok()) {
    return LimitReached(telemetry::Limit::kBufferedBytes, kBudgetUsedUp);
  }
  ++backfill_taken_;
  return DecodeBackfillTicket(message);
}

absl::Status TicketIntake::Place(const std::vector<match::TicketIndex>& tickets) {
  is_placed_.resize(static_cast<size_t>(taken_) + 1);
  const base::Timestamp now = context_.clock.Now();
  for (const match::TicketIndex index : tickets) {
    // A ticket that is just being added has been stored, but is not taken yet.
    if (index >= store_->size() || is_placed_.at(index)) {
      return absl::InternalError("the match logic placed a ticket twice or made one up");
    }
    is_placed_[index] = true;
    ++placed_;
    NoteWait(created_at_[index], now);
  }
  return absl::OkStatus();
}

void TicketIntake::NoteWait(base::Timestamp created_at, base::Timestamp now) {
  if (created_at == base::Timestamp()) return;
  // Clocks differ a little from machine to machine.
  context_.metrics.TicketWaited(std::max(now - created_at, std::chrono::milliseconds(0)));
}

void TicketIntake::LeaveOut(match::LeftOut reason, std::string_view ticket_id) {
  context_.metrics.TicketLeftOut(method_, match::LeftOutName(reason));
  int64_t before = 0;
  for (const int64_t count : left_out_) before += count;
  ++left_out_[Index(reason)];
  if (before >= kMaxLoggedTickets) return;
  call_.Log(
      telemetry::LogLevel::kInfo, "ticket left out",
      {{"ticket_id", ticket_id.substr(0, kMaxShownBytes)}, {"reason", match::LeftOutName(reason)}});
}

void TicketIntake::NoteOutOfTime(size_t not_looked_at) {
  if (std::exchange(is_out_of_time_, true)) return;
  const auto count = static_cast<int64_t>(not_looked_at);
  context_.metrics.TickOutOfTime(method_, count);
  call_.Log(telemetry::LogLevel::kWarn, "tick out of time", {{"not_looked_at", count}});
}

void TicketIntake::Close(const absl::Status& status, int64_t answers) {
  if (absl::IsInvalidArgument(status)) context_.metrics.BadRequest(method_);
  const int64_t left_over = std::max<int64_t>(0, taken_ - placed_);
  context_.metrics.TicketsLeftOver(method_, left_over);
  std::string reasons;
  for (size_t i = 0; i < left_out_.size(); ++i) {
    if (left_out_[i] == 0) continue;
    reasons += base::StrCat(reasons.empty() ? "" : ",",
                            match::LeftOutName(static_cast<match::LeftOut>(i)), ":", left_out_[i]);
  }
  std::vector<telemetry::LogField> account = {
      {"tickets", received_},
      {"left_out", reasons},
      {"placed", placed_},
      {"left_over", left_over},
      {"answers", answers},
      {"adding_us", std::chrono::duration_cast<std::chrono::microseconds>(adding_).count()}};
  if (method_ == telemetry::Method::kBackfillMatches) {
    account.emplace_back("backfill_tickets", backfill_taken_);
  }
  call_.End(status, account);
}

}  // namespace muster::rpc
