#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "match/logic_registry.h"
#include "match_function.pb.h"
#include "rpc/server.h"
#include "telemetry/access_metrics.h"
#include "telemetry/call_metrics.h"
#include "telemetry/log.h"
#include "telemetry/match_metrics.h"
#include "telemetry/metric_registry.h"
#include "telemetry/tracer.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_sinks.h"
#include "tests/rpc/raw_stream.h"

namespace muster::rpc {

namespace pb = ::accelbyte::matchmaking::matchfunction;

// What came back on a whole stream.
template <typename Answer>
struct Outcome {
  absl::Status status;
  std::vector<Answer> answers;
};
using Matches = Outcome<pb::Match>;
using Proposals = Outcome<pb::BackfillProposal>;

// A ticket `id` of the players; by default one player, "ID-player".
pb::Ticket TicketOf(const std::string& id, const std::vector<std::string>& players = {});
// A ticket of one player whose wire form has at least `bytes` bytes.
pb::Ticket BigTicket(const std::string& id, size_t bytes);
// A backfill ticket of session "ID-session" with one team of these users.
pb::BackfillTicket BackfillOf(const std::string& id, const std::vector<std::string>& users = {});
pb::MakeMatchesRequest Parameters(const std::string& rules = "");
pb::MakeMatchesRequest Frame(const pb::Ticket& ticket);
pb::BackfillMakeMatchesRequest BackfillParameters(const std::string& rules = "");
pb::BackfillMakeMatchesRequest BackfillFrame(const pb::Ticket& ticket);
pb::BackfillMakeMatchesRequest BackfillFrame(const pb::BackfillTicket& ticket);
// The ids of a match's tickets, in order.
std::vector<std::string> TicketIdsOf(const pb::Match& match);

// A server on a free port of this machine and clients for it. Change the options before the first
// verb, which starts the server. Its clock stands still until a test moves it, so that nothing is
// silent by accident.
class ServerFixture : public testing::Test {
 protected:
  using Labels = std::map<std::string, std::string>;

  ServerFixture();
  ~ServerFixture() override;

  // The server; starts it when need be.
  Server& server();
  void Stop();
  // A connection of its own, not shared with other channels; `channel_arguments_` are its settings.
  std::shared_ptr<grpc::Channel> NewChannel();
  std::shared_ptr<grpc::Channel> channel();

  std::unique_ptr<RawStream> Open(std::string_view method);
  // Opens a stream and sends its parameters.
  std::unique_ptr<RawStream> OpenMatches(const std::string& rules = "");
  std::unique_ptr<RawStream> OpenBackfill(const std::string& rules = "");

  // A unary call in raw bytes.
  absl::Status Call(std::string_view method, std::string_view request,
                    std::string* response = nullptr);
  absl::Status Call(std::string_view method, const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite* response);

  // Whole streams.
  Matches MakeMatches(const std::vector<pb::Ticket>& tickets, const std::string& rules = "");
  Proposals Backfill(const std::vector<pb::BackfillMakeMatchesRequest>& frames,
                     const std::string& rules = "");
  // The status of a stream that carries just these frames.
  absl::Status StatusOf(std::string_view method, const std::vector<std::string>& frames);

  // What the server works with.
  Server::Parts Parts();
  // The value of a series, by its name without prefix, or whole for those that have none; 0 when
  // there is none. Of a histogram: how many values it has seen.
  double Metric(const std::string& name, const Labels& labels = {});
  double LimitsReached(const std::string& limit);
  // Tickets that MakeMatches has seen.
  double TicketsReceived();
  void AwaitTickets(double tickets);
  double LeftOut(const std::string& reason);
  // Waits until `condition` holds; fails the test when it does not for long.
  static void Await(std::string_view what, const std::function<bool()>& condition);
  // Waits until no stream is open and nothing is held for one.
  void AwaitAtRest();
  // The server still makes a match.
  void ExpectServes();

  Server::Options options_;
  match::LogicFactory logic_;
  grpc::ChannelArguments channel_arguments_;
  telemetry::Logger::Options log_options_{telemetry::LogLevel::kError, telemetry::LogFormat::kJson};
  fakes::FakeClock fake_clock_;
  // What the server takes the time from.
  const base::Clock* clock_ = &fake_clock_;
  // Null: everybody may call.
  auth::AccessControl* access_ = nullptr;
  const std::shared_ptr<fakes::RecordingLog> logged_ = std::make_shared<fakes::RecordingLog>();
  fakes::RecordingSpans spans_;
  // Of each call that the verbs make.
  Headers headers_;

 private:
  telemetry::MetricRegistry registry_{"test"};
  telemetry::MatchMetrics match_metrics_{registry_};
  telemetry::AccessMetrics access_metrics_;
  telemetry::CallMetrics call_metrics_{registry_};
  telemetry::Tracer tracer_{{100, 7}, &spans_};
  std::unique_ptr<telemetry::Logger> log_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace muster::rpc
