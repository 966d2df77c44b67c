#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

#include "match/match_logic.h"
#include "rpc/call_observer.h"
#include "rpc/service_context.h"
#include "rpc/stream_session.h"
#include "rpc/ticket_intake.h"
#include "rpc/wire.h"

namespace muster::rpc {

// One MakeMatches stream: parameters once, tickets, matches. Errors are INVALID_ARGUMENT, naming
// message and field, for frames that are not valid or out of order and for bad rules;
// RESOURCE_EXHAUSTED past a limit; INTERNAL when the logic's matches are not sound.
class MakeMatchesSession final : public StreamSession, private match::MatchSink {
 public:
  MakeMatchesSession(ServiceContext& context, ObservedCall& call, std::stop_token stop,
                     WakeUp on_answer);

  absl::Status OnFrame(std::string_view bytes) override;
  absl::Status OnHalfClose() override;
  absl::Status Finish() override;
  std::optional<grpc::ByteBuffer> NextAnswer() override;
  size_t pending_answers() const override { return outbox_.size(); }
  void OnClosed(const absl::Status& status) override;

 private:
  absl::Status Handle(std::string_view bytes);
  absl::Status Start(const pb::MakeMatchesRequest::MakeMatchesParameters& parameters);
  absl::Status OnTicket(std::string_view frame);
  void Emit(match::Match match) override;

  ServiceContext& context_;
  ObservedCall& call_;
  const std::stop_token stop_;
  const WakeUp on_answer_;
  TicketIntake intake_;
  Outbox<match::Match> outbox_;
  std::atomic<int64_t> answers_{0};
  // The frame that is being handled, on the arena.
  pb::MakeMatchesRequest* request_ = nullptr;
  MessageArena arena_;
  // Set by an unsound match.
  absl::Status emit_status_;
  // After what its destructor may still use.
  std::unique_ptr<match::MatchRun> run_;
};

}  // namespace muster::rpc
