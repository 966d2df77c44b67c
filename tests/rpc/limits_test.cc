// What a caller may cost the server, and that it comes back.

#include <grpc/grpc.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
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
using testing::SizeIs;

constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;
constexpr size_t kMiB = 1024 * 1024;

class Limits : public ServerFixture {
 protected:
  // A logic that makes a match of each ticket at once.
  static match::LogicFactory Singles() {
    auto next = std::make_shared<std::atomic<match::TicketIndex>>(0);
    Script script;
    script.on_ticket = [next](match::MatchSink& sink, const match::Ticket& ticket) {
      if (ticket.id == "first") *next = 0;
      sink.Emit(MatchOf({(*next)++}));
      return std::nullopt;
    };
    return ScriptedLogic::Factory(std::move(script));
  }
};

TEST_F(Limits, RefuseALargeMessageOnEveryMethodAndCount) {
  const std::string large = Frame(BigTicket("a", 5 * kMiB)).SerializeAsString();
  const auto refusal = StatusIs(kExhausted, HasSubstr("larger than the 4194304 allowed"));

  EXPECT_THAT(Call("GetStatCodes", large), refusal);
  EXPECT_THAT(Call("ValidateTicket", large), refusal);
  EXPECT_THAT(Call("EnrichTicket", large), refusal);
  EXPECT_THAT(StatusOf("MakeMatches", {Parameters().SerializeAsString(), large}), refusal);
  EXPECT_THAT(StatusOf("BackfillMatches", {large}), refusal);

  EXPECT_EQ(LimitsReached("message_bytes"), 5);
  ExpectServes();
  AwaitAtRest();
}

TEST_F(Limits, RefuseAHugeMessageOnEveryMethod) {
  const std::string huge = Frame(BigTicket("a", 9 * kMiB)).SerializeAsString();

  for (const char* method : {"GetStatCodes", "ValidateTicket", "EnrichTicket"}) {
    EXPECT_THAT(Call(method, huge), StatusIs(kExhausted, testing::_)) << method;
  }
  for (const char* method : {"MakeMatches", "BackfillMatches"}) {
    EXPECT_THAT(StatusOf(method, {huge}), StatusIs(kExhausted, testing::_)) << method;
  }
  ExpectServes();
  AwaitAtRest();
}

TEST_F(Limits, TakeAMessageJustLargeEnough) {
  options_.limits.max_message_bytes = Frame(BigTicket("a", 2000)).ByteSizeLong();

  EXPECT_THAT(MakeMatches({BigTicket("a", 2000)}).status, IsOk());
  EXPECT_THAT(MakeMatches({BigTicket("a", 2001)}).status, StatusIs(kExhausted, testing::_));
}

TEST_F(Limits, RefuseOneTicketTooManyOnAStream) {
  options_.limits.max_stream_tickets = 3;
  options_.logic.max_stream_tickets = 3;

  EXPECT_THAT(MakeMatches({TicketOf("a"), TicketOf("b"), TicketOf("c")}).status, IsOk());
  EXPECT_THAT(MakeMatches({TicketOf("a"), TicketOf("b"), TicketOf("c"), TicketOf("d")}).status,
              StatusIs(kExhausted, HasSubstr("more than 3 tickets")));
  EXPECT_THAT(Backfill({BackfillFrame(TicketOf("a")), BackfillFrame(TicketOf("b")),
                        BackfillFrame(BackfillOf("c")), BackfillFrame(BackfillOf("d"))})
                  .status,
              StatusIs(kExhausted, HasSubstr("more than 3 tickets")));
  EXPECT_EQ(LimitsReached("stream_tickets"), 2);
  AwaitAtRest();
}

TEST_F(Limits, CountTicketsThatAreLeftOutToo) {
  options_.limits.max_stream_tickets = 3;
  options_.logic.max_stream_tickets = 3;

  EXPECT_THAT(MakeMatches(std::vector<pb::Ticket>(4, TicketOf("same"))).status,
              StatusIs(kExhausted, testing::_));
}

TEST_F(Limits, RefuseAStreamOfTooManyBytes) {
  options_.limits.max_stream_bytes = 10'000;

  EXPECT_THAT(MakeMatches({BigTicket("a", 4000), BigTicket("b", 4000)}).status, IsOk());
  EXPECT_THAT(
      MakeMatches({BigTicket("a", 4000), BigTicket("b", 4000), BigTicket("c", 4000)}).status,
      StatusIs(kExhausted, HasSubstr("more than 10000 bytes")));
  EXPECT_EQ(LimitsReached("stream_bytes"), 1);
  AwaitAtRest();
}

TEST_F(Limits, ShareOneBudgetAmongAllStreamsAndGiveItBack) {
  options_.limits.max_buffered_bytes = 10'000;
  const auto holder = OpenMatches();
  holder->Send(Frame(BigTicket("a", 8000)));
  AwaitTickets(1);
  pb::BackfillTicket session = BackfillOf("b");
  session.set_match_session_id(std::string(8000, 's'));

  EXPECT_THAT(MakeMatches({BigTicket("c", 8000)}).status,
              StatusIs(kExhausted, HasSubstr("all streams together")));
  EXPECT_THAT(Backfill({BackfillFrame(session)}).status, StatusIs(kExhausted, testing::_));
  EXPECT_EQ(LimitsReached("buffered_bytes"), 2);

  EXPECT_THAT(holder->Close(), IsOk());
  AwaitAtRest();
  EXPECT_THAT(MakeMatches({BigTicket("c", 8000)}).status, IsOk());
}

TEST_F(Limits, DoNotChargeForTicketsLeftOut) {
  options_.limits.max_buffered_bytes = 10'000;
  const std::vector<pb::Ticket> repeated(50, BigTicket("same", 4000));

  EXPECT_THAT(MakeMatches(repeated).status, IsOk());
}

TEST_F(Limits, RefuseOneStreamTooManyUntilAnotherEnds) {
  options_.limits.max_streams = 2;
  auto first = OpenMatches();
  const auto second = OpenBackfill();
  Await("both are open", [&] { return Metric("streams") == 2; });

  EXPECT_THAT(MakeMatches({}).status, StatusIs(kExhausted, HasSubstr("2 streams are open")));
  EXPECT_THAT(Backfill({}).status, StatusIs(kExhausted, HasSubstr("2 streams are open")));
  EXPECT_EQ(LimitsReached("streams"), 2);

  EXPECT_THAT(first->Close(), IsOk());
  Await("one is open", [&] { return Metric("streams") == 1; });
  ExpectServes();
}

// Opens `count` streams over several connections, all of them at once.
std::vector<std::unique_ptr<RawStream>> OpenMany(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels, size_t count) {
  std::vector<std::unique_ptr<RawStream>> streams;
  for (size_t i = 0; i < count; ++i) {
    streams.push_back(std::make_unique<RawStream>(channels[i % channels.size()], "MakeMatches"));
    streams.back()->Send(Parameters());
  }
  return streams;
}

void RaiseOpenFilesLimit() {
  rlimit files = {};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

TEST_F(Limits, HoldAgainstTenThousandStreamsAtOnce) {
  RaiseOpenFilesLimit();
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < 8; ++i) channels.push_back(NewChannel());

  std::vector<std::unique_ptr<RawStream>> streams = OpenMany(channels, 10'000);
  Await("the others are refused", [&] { return LimitsReached("streams") == 9000; });
  EXPECT_EQ(Metric("streams"), 1000);

  int served = 0;
  int refused = 0;
  for (const auto& stream : streams) {
    const absl::Status status = stream->Close();
    served += status.ok() ? 1 : 0;
    refused += absl::IsResourceExhausted(status) ? 1 : 0;
  }
  EXPECT_EQ(served, 1000);
  EXPECT_EQ(refused, 9000);
  AwaitAtRest();
  ExpectServes();
}

TEST_F(Limits, StopReadingWhileAnswersWaitToBeRead) {
  constexpr int kTickets = 200;
  options_.limits.max_pending_writes = 4;
  // A connection that does not guess how much it could hold.
  channel_arguments_.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  logic_ = Singles();
  const auto stream = OpenMatches();
  std::thread sender([&] {
    for (int i = 0; i < kTickets; ++i) stream->Send(Frame(BigTicket(std::to_string(i), 100'000)));
    stream->HalfClose();
  });

  AwaitTickets(5);
  // Time enough for the server to go on if it wanted to.
  for (int i = 0; i < 200; ++i) EXPECT_THAT(Call("GetStatCodes", ""), IsOk());
  const double before_reading = TicketsReceived();
  int answers = 0;
  while (stream->Read()) ++answers;
  sender.join();

  // What is waiting, what is being written, and what the connection itself holds.
  EXPECT_LE(before_reading, 4 + 1 + 15);
  EXPECT_EQ(answers, kTickets);
  EXPECT_EQ(TicketsReceived(), kTickets);
  EXPECT_THAT(stream->Finish(), IsOk());
  AwaitAtRest();
}

TEST_F(Limits, GiveMemoryBackWhateverTheAnswersWere) {
  logic_ = Singles();
  for (const size_t bytes : {100u, 50'000u, 3'000'000u}) {
    EXPECT_THAT(MakeMatches({BigTicket("first", bytes), BigTicket("b", bytes)}).answers, SizeIs(2));
    AwaitAtRest();
  }
}

TEST_F(Limits, GiveMemoryBackWhenACallerLeavesWithoutReading) {
  logic_ = Singles();
  {
    const auto stream = OpenMatches();
    stream->Send(Frame(BigTicket("first", 3 * kMiB)));
    stream->Send(Frame(BigTicket("b", 3 * kMiB)));
    AwaitTickets(2);
    EXPECT_GT(Metric("buffered_bytes"), 0);
  }

  AwaitAtRest();
}

TEST_F(Limits, LetAServerStopWhileACallerDoesNotRead) {
  options_.drain_grace = milliseconds(20);
  logic_ = Singles();
  const auto stream = OpenMatches();
  stream->Send(Frame(BigTicket("first", 3 * kMiB)));
  AwaitTickets(1);

  Stop();

  EXPECT_FALSE(stream->Finish().ok());
}

}  // namespace
}  // namespace muster::rpc
