#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "match/match_logic.h"
#include "rpc/call_observer.h"
#include "rpc/service_context.h"
#include "rpc/stream_session.h"
#include "rpc/ticket_intake.h"
#include "rpc/wire.h"

namespace muster::rpc {

// One BackfillMatches stream: parameters once, then backfill tickets and tickets in any order, and
// proposals back. Errors as those of MakeMatchesSession.
class BackfillSession final : public StreamSession, private match::ProposalSink {
 public:
  BackfillSession(ServiceContext& context, ObservedCall& call, std::stop_token stop,
                  WakeUp on_answer);

  absl::Status OnFrame(std::string_view bytes) override;
  absl::Status OnHalfClose() override;
  absl::Status Finish() override;
  std::optional<grpc::ByteBuffer> NextAnswer() override;
  size_t pending_answers() const override { return outbox_.size(); }
  void OnClosed(const absl::Status& status) override;

 private:
  absl::Status Handle(std::string_view bytes);
  absl::Status Start(const pb::BackfillMakeMatchesRequest::MakeMatchesParameters& parameters);
  absl::Status OnTicket(std::string_view frame);
  absl::Status OnBackfillTicket(std::string_view frame);
  absl::Status Check(const match::BackfillProposal& proposal);
  void Emit(match::BackfillProposal proposal) override;

  ServiceContext& context_;
  ObservedCall& call_;
  const std::stop_token stop_;
  const WakeUp on_answer_;
  TicketIntake intake_;
  Outbox<match::BackfillProposal> outbox_;
  std::atomic<int64_t> answers_{0};
  // The frame that is being handled, on the arena.
  pb::BackfillMakeMatchesRequest* request_ = nullptr;
  MessageArena arena_;
  // How many teams each backfill ticket has, and whether it has had its proposal.
  struct Asked {
    size_t teams = 0;
    bool answered = false;
  };
  std::vector<Asked> asked_;
  // Set by an unsound proposal.
  absl::Status emit_status_;
  // After what its destructor may still use.
  std::unique_ptr<match::BackfillRun> run_;
};

}  // namespace muster::rpc
