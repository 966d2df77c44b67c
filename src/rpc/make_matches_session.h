#pragma once

#include <memory>
#include <stop_token>
#include <string_view>

#include "match/match_logic.h"
#include "rpc/run_session.h"

namespace muster::rpc {

// One MakeMatches stream: parameters once, tickets, matches.
class MakeMatchesSession final
    : public RunSession<pb::MakeMatchesRequest, match::MatchRun, match::Match>,
      private match::MatchSink {
 public:
  MakeMatchesSession(ServiceContext& context, ObservedCall& call, std::stop_token stop,
                     WakeUp on_answer);

 private:
  std::unique_ptr<match::MatchRun> StartRun(const match::MatchLogic& logic,
                                            const match::RunContext& context) override;
  absl::Status OnOtherFrame(std::string_view frame) override;
  absl::Status Check(const match::Match& match) override;
  EncodedAnswer Encode(const match::Match& match) override;
  void Emit(match::Match match) override { Accept(std::move(match)); }
  void OutOfTime(size_t tickets) override { intake().NoteOutOfTime(tickets); }
};

}  // namespace muster::rpc
