// Many callers at once who do as they like, and a server whose limits are near.

#include <atomic>
#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/rpc/scripted_logic.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;

constexpr const char* kStreams[] = {"MakeMatches", "BackfillMatches"};

// Callers that do random things, several at once, to a server whose limits are near.
class Crowd : public ServerFixture {
 protected:
  Crowd() {
    clock_ = &base::Clock::System();
    options_.limits.stream_silence = std::chrono::milliseconds(60);
    options_.limits.max_pending_writes = 2;
    options_.limits.max_streams = 12;
    options_.limits.max_buffered_bytes = 4'000'000;
    Script script;
    script.on_ticket = [](match::MatchSink& sink,
                          const match::Ticket& ticket) -> std::optional<match::LeftOut> {
      if (ticket.id == "throw") throw std::runtime_error("thrown by a test");
      // A ticket's id is its index here.
      sink.Emit(MatchOf({static_cast<match::TicketIndex>(std::stoul(ticket.id))}));
      return std::nullopt;
    };
    script.on_finish = [](match::MatchSink& sink, const std::stop_token& stop) {
      for (int i = 0; i < 10 && !stop.stop_requested(); ++i) sink.Emit(MatchOf({}));
    };
    logic_ = ScriptedLogic::Factory(script);
  }

  // One caller's stream: up to a few dozen random steps.
  static void RunOne(const std::shared_ptr<grpc::Channel>& connection, std::mt19937_64& random) {
    const auto pick = [&random](int limit) {
      return std::uniform_int_distribution<int>(0, limit - 1)(random);
    };
    RawStream stream(connection, kStreams[pick(2)]);
    stream.Send(Parameters());
    bool going = true;
    const int steps = pick(40);
    for (int step = 0, index = 0; step < steps && going; ++step) {
      switch (pick(24)) {
        case 0:
          stream.Cancel();
          going = false;
          break;
        case 1:
          stream.HalfClose();
          going = false;
          break;
        case 2:
          going = stream.Send("\xff");
          break;
        case 3:
          going = stream.Send(Frame(TicketOf("throw")));
          break;
        case 4:
          going = stream.Send(Frame(BigTicket(std::to_string(index++), 300'000)));
          break;
        case 5:
          // Waits for an answer, or for the server to lose its patience.
          going = stream.Read().has_value();
          break;
        default:
          going = stream.Send(Frame(TicketOf(std::to_string(index++))));
          break;
      }
    }
    // Half of them leave without a look at what came back.
    if (pick(2) == 0) (void)stream.Close();
  }
};

TEST_F(Crowd, LeavesAServerThatIsWell) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::vector<std::thread> callers;
  for (uint64_t i = 0; i < 16; ++i) {
    callers.emplace_back([connection = NewChannel(), seed, i] {
      std::mt19937_64 random(seed + i);
      for (int stream = 0; stream < 60; ++stream) RunOne(connection, random);
    });
  }
  for (std::thread& caller : callers) caller.join();

  AwaitAtRest();
  EXPECT_THAT(Call("GetStatCodes", ""), IsOk());
}

TEST_F(Crowd, DoesNotKeepAServerFromStopping) {
  options_.drain_grace = std::chrono::milliseconds(50);
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::atomic<bool> stopping = false;
  std::vector<std::thread> callers;
  for (uint64_t i = 0; i < 8; ++i) {
    callers.emplace_back([connection = NewChannel(), seed, i, &stopping] {
      std::mt19937_64 random(seed + i);
      while (!stopping) RunOne(connection, random);
    });
  }
  Await("there is work", [this] {
    return Metric("tickets_received_total", {{"method", "MakeMatches"}}) > 200;
  });

  stopping = true;
  server().Stop();

  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Metric("streams"), 0);
}

}  // namespace
}  // namespace muster::rpc
