#include "bench/quality/tick.h"

#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "match/logic_registry.h"

namespace muster::bench {
namespace {

class Sink final : public match::MatchSink {
 public:
  Sink(TickResult& result, Keep keep) : result_(result), keep_(keep) {}

  void Emit(match::Match match) override {
    ++result_.match_count;
    if (keep_ == Keep::kMatches) result_.matches.push_back(std::move(match));
  }
  void OutOfTime(size_t tickets) override { result_.out_of_time += static_cast<int64_t>(tickets); }

 private:
  TickResult& result_;
  const Keep keep_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const match::MatchLogic>> MakeLogic(
    const std::string& name, const std::string& rules_json, const match::LogicOptions& options) {
  MUSTER_ASSIGN_OR_RETURN(const match::LogicFactory factory, match::BuiltInLogics().Find(name));
  return factory(rules_json, options);
}

absl::StatusOr<TickResult> RunTick(const match::MatchLogic& logic,
                                   const std::vector<match::Ticket>& tickets, base::Timestamp now,
                                   Keep keep) {
  TickResult result;
  // The room for answers is not the matcher's to pay for.
  if (keep == Keep::kMatches) result.matches.reserve(tickets.size());
  Sink sink(result, keep);
  match::RunContext context;
  context.now = now;
  context.clock = &base::Clock::System();
  const base::MonotonicTime start = base::Clock::System().MonotonicNow();
  const std::unique_ptr<match::MatchRun> run = logic.StartMatches(context, sink);
  for (size_t i = 0; i < tickets.size(); ++i) {
    if (const std::optional<match::LeftOut> reason = run->AddTicket(tickets[i])) {
      return absl::InternalError(base::StrCat("ticket ", i, " of ", tickets.size(),
                                              " is left out: ", match::LeftOutName(*reason)));
    }
  }
  run->Finish();
  result.time = base::Clock::System().MonotonicNow() - start;
  return result;
}

}  // namespace muster::bench
