// Start, health, reflection and stop of a real server.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "rpc/grpc_log.h"
#include "rpc/wire.h"
#include "tests/rpc/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kService[] = "accelbyte.matchmaking.matchfunction.MatchFunction";

class MatchFunctionServer : public ServerFixture {
 protected:
  // The status byte of a health check: 1 is SERVING, 2 NOT_SERVING.
  absl::StatusOr<int> Health(std::string_view service) {
    std::string request;
    if (!service.empty()) AppendField(&request, 1, service);
    std::string response;
    const absl::Status status = Call("/grpc.health.v1.Health/Check", request, &response);
    if (!status.ok()) return status;
    return response.at(1);
  }
};

TEST_F(MatchFunctionServer, IsServingUnderTheEmptyNameAndItsOwn) {
  EXPECT_EQ(Health("").value(), 1);
  EXPECT_EQ(Health(kService).value(), 1);
}

TEST_F(MatchFunctionServer, KnowsNoHealthOfAnotherService) {
  EXPECT_THAT(Health("accelbyte.Other"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("unknown")));
}

TEST_F(MatchFunctionServer, ListsItsServicesByReflection) {
  std::string list_services;
  AppendField(&list_services, 7, "");
  const auto stream = Open("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");

  stream->Send(list_services);

  EXPECT_THAT(stream->Read().value(), AllOf(HasSubstr(kService), HasSubstr("grpc.health.v1")));
  EXPECT_THAT(stream->Close(), IsOk());
}

TEST_F(MatchFunctionServer, RefusesASecondServerOnItsPort) {
  log_options_.level = telemetry::LogLevel::kWarn;
  const std::string address = server().address();
  Server::Options same = options_;
  same.port = std::stoi(address.substr(address.find(':') + 1));
  const Server::Parts parts = Parts();
  const GrpcLogCapture capture(parts.log);

  const auto second = Server::Start(same, logic_, parts);

  EXPECT_THAT(second, StatusIs(absl::StatusCode::kUnavailable, HasSubstr(address)));
  EXPECT_THAT(logged_->Lines(R"("msg":"grpc")"), Contains(HasSubstr("in use")));
  ExpectServes();
}

TEST_F(MatchFunctionServer, DoesNotStartWithALogicThatFails) {
  const match::LogicFactory fails = [](std::string_view, const match::LogicOptions&) {
    return absl::FailedPreconditionError("no model to load");
  };

  EXPECT_THAT(Server::Start(options_, fails, Parts()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no model to load"));
}

TEST_F(MatchFunctionServer, AddsNothingToTicketsWithALogicThatNeedsRules) {
  logic_ = [](std::string_view, const match::LogicOptions&) {
    return absl::InvalidArgumentError("rules: there are none");
  };
  pb::EnrichTicketRequest request;
  *request.mutable_ticket() = TicketOf("a");
  pb::EnrichTicketResponse response;

  EXPECT_THAT(Call("EnrichTicket", request, &response), IsOk());

  EXPECT_EQ(response.ticket().SerializeAsString(), request.ticket().SerializeAsString());
  EXPECT_THAT(MakeMatches({TicketOf("a")}).status, StatusIs(kInvalid, "rules: there are none"));
}

TEST_F(MatchFunctionServer, LetsAStreamEndWithinTheGrace) {
  const auto stream = OpenMatches();
  stream->Send(Frame(TicketOf("a")));
  Await("the ticket is in", [&] {
    return Metric("tickets_received_total", {{"method", "MakeMatches"}}) == 1;
  });

  std::thread stopping([&] { server().Stop(); });
  stream->Send(Frame(TicketOf("b")));
  const bool answered = stream->Read().has_value();
  const absl::Status status = stream->Close();
  stopping.join();

  EXPECT_TRUE(answered);
  EXPECT_THAT(status, IsOk());
}

TEST_F(MatchFunctionServer, SaysNotServingBeforeItStops) {
  options_.drain_delay = std::chrono::milliseconds(1000);
  ASSERT_EQ(Health("").value(), 1);

  std::thread stopping([&] { server().Stop(); });
  Await("health is not serving", [&] { return Health("").value_or(1) == 2; });
  stopping.join();
}

TEST_F(MatchFunctionServer, CancelsWhatOutlivesTheGrace) {
  options_.drain_grace = std::chrono::milliseconds(20);
  const auto stream = OpenMatches();
  Await("the stream is open", [&] { return Metric("streams") == 1; });

  server().Stop();

  EXPECT_FALSE(stream->Close().ok());
  EXPECT_EQ(Metric("streams"), 0);
}

}  // namespace
}  // namespace muster::rpc
