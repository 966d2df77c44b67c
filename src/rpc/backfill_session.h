#pragma once

#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "match/match_logic.h"
#include "rpc/run_session.h"

namespace muster::rpc {

// One BackfillMatches stream: parameters once, then backfill tickets and tickets in any order, and
// proposals back.
class BackfillSession final : public RunSession<pb::BackfillMakeMatchesRequest, match::BackfillRun,
                                                match::BackfillProposal>,
                              private match::ProposalSink {
 public:
  BackfillSession(ServiceContext& context, ObservedCall& call, std::stop_token stop,
                  WakeUp on_answer);

 private:
  std::unique_ptr<match::BackfillRun> StartRun(const match::MatchLogic& logic,
                                               const match::RunContext& context) override;
  // A backfill ticket.
  absl::Status OnOtherFrame(std::string_view frame) override;
  absl::Status Check(const match::BackfillProposal& proposal) override;
  EncodedAnswer Encode(const match::BackfillProposal& proposal) override;
  void Emit(match::BackfillProposal proposal) override { Accept(std::move(proposal)); }
  void OutOfTime(size_t sessions) override { intake().NoteOutOfTime(sessions); }

  // The teams that a proposal names. `occupied`: see Asked.
  static absl::Status CheckTeams(const match::BackfillProposal& proposal,
                                 const std::vector<bool>& occupied);

  // Of each backfill ticket, which of its teams have players, and whether it has had its proposal.
  struct Asked {
    std::vector<bool> occupied;
    bool answered = false;
  };
  std::vector<Asked> asked_;
};

}  // namespace muster::rpc
