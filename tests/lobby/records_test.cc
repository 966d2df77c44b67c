#include "lobby/records.h"

#include <array>
#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/status_matchers.h"

namespace muster::lobby {
namespace {

using nlohmann::json;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

base::Timestamp At(int64_t ms) { return base::Timestamp(std::chrono::milliseconds(ms)); }

Place FullPlace() {
  return {.server_id = "s1",
          .node = "n1",
          .node_address = "10.0.0.7",
          .port = 45677,
          .control_url = "http://10.0.0.7:3000"};
}

Request FullRequest() {
  return {.client_id = "alice \"\u00e9\" \\ /",
          .id = "1f",
          .state = RequestState::kFailed,
          .attempts = 2,
          .reason = "port taken",
          .place = FullPlace(),
          .created_at = At(1000),
          .changed_at = At(2000),
          .expires_at = At(3000),
          .retry_at = At(4000),
          .revision = int64_t{1} << 60};
}

GameServer FullServer() {
  return {.id = "s1",
          .state = ServerState::kDraining,
          .place = FullPlace(),
          .version = "image:1",
          .slots = 4,
          .created_at = At(1000)};
}

TEST(Records, OfRequestsReadBackAsTheyWereWritten) {
  EXPECT_EQ(DecodeRequest(EncodeRequest(FullRequest())).value(), FullRequest());
}

TEST(Records, OfServersReadBackAsTheyWereWritten) {
  EXPECT_EQ(DecodeServer(EncodeServer(FullServer())).value(), FullServer());
}

TEST(Records, KnowEachState) {
  for (const RequestState state :
       {RequestState::kCreated, RequestState::kInProgress, RequestState::kDone,
        RequestState::kFailed, RequestState::kCancelled}) {
    const Request request{.client_id = "alice", .id = "1f", .state = state};
    EXPECT_EQ(DecodeRequest(EncodeRequest(request)).value(), request);
  }
  for (const ServerState state :
       {ServerState::kStarting, ServerState::kReady, ServerState::kDraining}) {
    const GameServer server{.id = "s1", .state = state};
    EXPECT_EQ(DecodeServer(EncodeServer(server)).value(), server);
  }
}

TEST(Records, LeaveDefaultsOut) {
  EXPECT_EQ(EncodeRequest({.client_id = "alice", .id = "1f"}),
            R"({"client_id":"alice","id":"1f","state":"created"})");
  EXPECT_EQ(EncodeServer({.id = "s1", .place = {.port = 7}}),
            R"({"id":"s1","place":{"port":7},"state":"starting"})");
}

TEST(Records, PassOverMembersTheyDoNotKnow) {
  json request = json::parse(EncodeRequest(FullRequest()));
  request["party"] = {{"size", 4}};
  request["place"]["region"] = "eu";
  json server = json::parse(EncodeServer(FullServer()));
  server["gpu"] = nullptr;

  EXPECT_EQ(DecodeRequest(request.dump()).value(), FullRequest());
  EXPECT_EQ(DecodeServer(server.dump()).value(), FullServer());
}

TEST(Records, AreNeverLostForBytesThatAreNoText) {
  Request request = FullRequest();
  request.reason = "broke: \xff\xfe";
  GameServer server = FullServer();
  server.version = "\xc3";

  EXPECT_EQ(DecodeRequest(EncodeRequest(request)).value().reason, "broke: \uFFFD\uFFFD");
  EXPECT_EQ(DecodeServer(EncodeServer(server)).value().version, "\uFFFD");
}

TEST(Records, HoldTheGreatestNumbers) {
  Request request = FullRequest();
  request.revision = std::numeric_limits<int64_t>::max();
  request.attempts = std::numeric_limits<int>::max();
  request.created_at = At(std::numeric_limits<int64_t>::min());

  EXPECT_EQ(DecodeRequest(EncodeRequest(request)).value(), request);
}

struct NoRecord {
  const char* name;
  std::string text;
  const char* detail;

  friend std::ostream& operator<<(std::ostream& out, const NoRecord& row) {
    return out << row.name;
  }
};

class NoRequestTest : public testing::TestWithParam<NoRecord> {};

TEST_P(NoRequestTest, IsRefused) {
  EXPECT_THAT(DecodeRequest(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().detail)));
}

// A request with one more member.
std::string With(const std::string& member) {
  return R"({"client_id":"alice","id":"1f","state":"done",)" + member + "}";
}

const std::array kNoRequests = {
    NoRecord{"nothing", "", "not a json object"},
    NoRecord{"half of one", R"({"client_id":"alice")", "not a json object"},
    NoRecord{"an array", "[]", "not a json object"},
    NoRecord{"very deep", std::string(100'000, '['), "not a json object"},
    NoRecord{"no client", R"({"id":"1f","state":"done"})", "client_id"},
    NoRecord{"an empty client", R"({"client_id":"","id":"1f","state":"done"})", "client_id"},
    NoRecord{"a client that is no text", R"({"client_id":7,"id":"1f","state":"done"})",
             "client_id"},
    NoRecord{"no id", R"({"client_id":"alice","state":"done"})", "id is missing"},
    NoRecord{"no state", R"({"client_id":"alice","id":"1f"})", "state"},
    NoRecord{"an unknown state", R"({"client_id":"alice","id":"1f","state":"DONE"})", "state"},
    NoRecord{"a state that is no text", R"({"client_id":"alice","id":"1f","state":3})", "state"},
    NoRecord{"attempts beyond an int", With(R"("attempts":2147483648)"), "attempts"},
    NoRecord{"a number with a point", With(R"("attempts":1.5)"), "attempts"},
    NoRecord{"a number as text", With(R"("attempts":"1")"), "attempts"},
    NoRecord{"a revision beyond 64 bits with a sign", With(R"("revision":9223372036854775808)"),
             "revision"},
    NoRecord{"a port that would wrap", With(R"("place":{"port":18446744073709551615})"), "place"},
    NoRecord{"a time beyond 64 bits", With(R"("retry_at":99999999999999999999)"), "retry_at"},
    NoRecord{"a place that is none", With(R"("place":"here")"), "place"},
    NoRecord{"a node that is no text", With(R"("place":{"node":1})"), "place"},
};

INSTANTIATE_TEST_SUITE_P(Texts, NoRequestTest, testing::ValuesIn(kNoRequests));

class NoServerTest : public testing::TestWithParam<NoRecord> {};

TEST_P(NoServerTest, IsRefused) {
  EXPECT_THAT(DecodeServer(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().detail)));
}

const std::array kNoServers = {
    NoRecord{"nothing", "", "not a json object"},
    NoRecord{"no id", R"({"state":"ready"})", "id"},
    NoRecord{"no state", R"({"id":"s1"})", "state"},
    NoRecord{"a request's state", R"({"id":"s1","state":"done"})", "state"},
    NoRecord{"slots that are no number", R"({"id":"s1","state":"ready","slots":null})", "slots"},
    NoRecord{"a place that is none", R"({"id":"s1","state":"ready","place":[]})", "place"},
};

INSTANTIATE_TEST_SUITE_P(Texts, NoServerTest, testing::ValuesIn(kNoServers));

TEST(Records, TakeAnEmptyPlace) { EXPECT_THAT(DecodeRequest(With(R"("place":{})")), IsOk()); }

}  // namespace
}  // namespace muster::lobby
