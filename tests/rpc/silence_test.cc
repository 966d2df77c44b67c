// Calls that do not get on: silent callers, callers that do not read, logics that take their time.

#include <atomic>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/rpc/scripted_logic.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using std::chrono::milliseconds;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

constexpr auto kDeadline = absl::StatusCode::kDeadlineExceeded;
constexpr size_t kMiB = 1024 * 1024;

class Silence : public ServerFixture {
 protected:
  // With the clock standing still nothing is silent; the watch looks every five milliseconds.
  static constexpr milliseconds kSilence{20};

  Silence() { options_.limits.stream_silence = kSilence; }

  void AwaitOpen(int streams) {
    Await("streams are open", [&] { return Metric("streams") == streams; });
  }

  // Lets time pass until every stream has ended. What still moves when this starts may move.
  void AwaitEndBySilence() {
    Await("all streams are ended", [&] {
      fake_clock_.Advance(kSilence);
      return Metric("streams") == 0;
    });
    AwaitAtRest();
  }
};

TEST_F(Silence, EndsAStreamThatSendsNothing) {
  const auto nothing = Open("MakeMatches");
  const auto parameters = OpenBackfill();
  const auto ticket = OpenMatches();
  ticket->Send(Frame(TicketOf("a")));
  AwaitTickets(1);
  AwaitOpen(3);

  AwaitEndBySilence();

  for (const auto& stream : {nothing.get(), parameters.get(), ticket.get()}) {
    EXPECT_THAT(stream->Finish(), StatusIs(kDeadline, HasSubstr("nothing moved")));
  }
  EXPECT_EQ(LimitsReached("stream_silence"), 3);
}

TEST_F(Silence, SparesAStreamOnWhichSomethingMoves) {
  const auto stream = OpenMatches();
  AwaitOpen(1);
  for (int i = 0; i < 20; ++i) {
    stream->Send(Frame(TicketOf(std::to_string(i))));
    AwaitTickets(i + 1);
    fake_clock_.Advance(kSilence / 2);
  }

  EXPECT_THAT(stream->Close(), IsOk());
  EXPECT_EQ(LimitsReached("stream_silence"), 0);
}

TEST_F(Silence, EndsAStreamThatDoesNotReadItsAnswers) {
  const auto stream = OpenMatches();
  for (int i = 0; i < 4; ++i) stream->Send(Frame(BigTicket(std::to_string(i), 3 * kMiB)));
  AwaitTickets(4);
  Await("a match waits to be read", [&] { return Metric("matches_total") >= 1; });

  AwaitEndBySilence();

  EXPECT_THAT(stream->Finish(), StatusIs(kDeadline, HasSubstr("nothing moved")));
  EXPECT_EQ(LimitsReached("stream_silence"), 1);
  ExpectServes();
}

TEST_F(Silence, EndsAHalfClosedStreamThatDoesNotReadItsAnswers) {
  const auto stream = OpenMatches();
  for (int i = 0; i < 4; ++i) stream->Send(Frame(BigTicket(std::to_string(i), 3 * kMiB)));
  stream->HalfClose();
  AwaitTickets(4);
  Await("a match waits to be read", [&] { return Metric("matches_total") >= 1; });

  AwaitEndBySilence();

  EXPECT_THAT(stream->Finish(), StatusIs(kDeadline, HasSubstr("nothing moved")));
}

// A logic whose Finish thinks until it is told to stop.
class LongFinish : public Silence {
 protected:
  LongFinish() {
    Script script;
    script.on_finish = [this](match::MatchSink&, const std::stop_token& stop) {
      thinking_ = true;
      while (!stop.stop_requested()) std::this_thread::yield();
      stopped_ = true;
    };
    logic_ = ScriptedLogic::Factory(script);
  }
  ~LongFinish() override { Stop(); }

  // A stream whose logic is thinking.
  std::unique_ptr<RawStream> OpenThinking() {
    auto stream = OpenMatches();
    stream->HalfClose();
    Await("the logic thinks", [this] { return thinking_.load(); });
    return stream;
  }

  std::atomic<bool> thinking_ = false;
  std::atomic<bool> stopped_ = false;
};

TEST_F(LongFinish, StopsWhenItTakesTooLong) {
  const auto stream = OpenThinking();

  fake_clock_.Advance(kSilence);

  EXPECT_THAT(stream->Finish(), StatusIs(kDeadline, HasSubstr("nothing moved")));
  EXPECT_TRUE(stopped_);
  AwaitAtRest();
}

TEST_F(LongFinish, StopsWhenTheCallerCancels) {
  const auto stream = OpenThinking();

  stream->Cancel();

  Await("the logic has stopped", [this] { return stopped_.load(); });
  EXPECT_THAT(stream->Finish(), StatusIs(absl::StatusCode::kCancelled, testing::_));
  AwaitAtRest();
}

// A logic whose Finish waits until a test lets it go.
class BlockedWorkers : public ServerFixture {
 protected:
  BlockedWorkers() {
    Script script;
    script.on_finish = [this](match::MatchSink&, const std::stop_token&) {
      ++finishing_;
      go_.wait();
    };
    logic_ = ScriptedLogic::Factory(script);
    options_.match_workers = 1;
    options_.limits.stream_silence = milliseconds(20);
  }

  std::latch go_{1};
  std::atomic<int> finishing_{0};
};

TEST_F(BlockedWorkers, DoNotFinishAStreamThatHasEndedInTheQueue) {
  const auto busy = OpenMatches();
  busy->HalfClose();
  Await("the only worker is busy", [&] { return finishing_ == 1; });
  const auto waiting = OpenMatches();
  waiting->HalfClose();
  Await("the other stream is there", [&] { return Metric("streams") == 2; });

  Await("both are silent for too long", [&] {
    fake_clock_.Advance(options_.limits.stream_silence);
    return LimitsReached("stream_silence") == 2;
  });
  go_.count_down();

  EXPECT_THAT(busy->Finish(), StatusIs(kDeadline, HasSubstr("nothing moved")));
  EXPECT_THAT(waiting->Finish(), StatusIs(kDeadline, HasSubstr("nothing moved")));
  AwaitAtRest();
  EXPECT_EQ(finishing_, 1);
}

TEST_F(BlockedWorkers, DoNotBlockOtherCalls) {
  const auto busy = OpenMatches();
  busy->HalfClose();
  Await("the only worker is busy", [&] { return finishing_ == 1; });

  EXPECT_THAT(Call("GetStatCodes", ""), IsOk());
  const auto other = OpenMatches();
  other->Send(Frame(TicketOf("a")));
  AwaitTickets(1);

  go_.count_down();
  EXPECT_THAT(busy->Finish(), IsOk());
  EXPECT_THAT(other->Close(), IsOk());
}

class ShortQueue : public BlockedWorkers {
 protected:
  ShortQueue() { options_.max_queued_matches = 1; }
};

TEST_F(ShortQueue, RefusesAStreamThatWouldWaitTooLong) {
  const auto busy = OpenMatches();
  busy->HalfClose();
  Await("the only worker is busy", [&] { return finishing_ == 1; });
  std::vector<std::unique_ptr<RawStream>> others;
  for (int i = 0; i < 5; ++i) {
    others.push_back(OpenMatches());
    others.back()->HalfClose();
  }
  Await("one waits and the others are refused", [&] { return LimitsReached("worker_queue") == 4; });
  go_.count_down();

  int refused = 0;
  for (const auto& stream : others) refused += absl::IsResourceExhausted(stream->Finish()) ? 1 : 0;

  EXPECT_EQ(refused, 4);
  EXPECT_THAT(busy->Finish(), IsOk());
  AwaitAtRest();
}

}  // namespace
}  // namespace muster::rpc
