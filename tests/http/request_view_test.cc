#include "http/request_view.h"

#include <array>
#include <ostream>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace muster::http {
namespace {

using lobby::Request;
using lobby::RequestState;
using nlohmann::json;

base::Timestamp At(int64_t ms) { return base::Timestamp(std::chrono::milliseconds(ms)); }

TEST(RequestView, ShowsWhatIsKnown) {
  const Request request{.client_id = "alice",
                        .id = "1f",
                        .state = RequestState::kFailed,
                        .attempts = 2,
                        .reason = "port taken",
                        .created_at = At(1000),
                        .changed_at = At(2000),
                        .retry_at = At(3000),
                        .revision = 7};

  EXPECT_EQ(RequestView(request, "play.example:1"),
            R"({"id":"1f","state":"failed","reason":"port taken","attempts":2,)"
            R"("created_at_ms":1000,"changed_at_ms":2000,"retry_at_ms":3000})");
}

TEST(RequestView, ShowsTheAddressOfADoneRequestOnly) {
  Request request{.id = "1f", .state = RequestState::kDone};
  EXPECT_EQ(json::parse(RequestView(request, "play.example:1"))["address"], "play.example:1");

  request.state = RequestState::kInProgress;
  EXPECT_FALSE(json::parse(RequestView(request, "play.example:1")).contains("address"));
}

TEST(RequestView, RepeatsWhatAServerPrintedAsValidJson) {
  const Request request{.id = "1f", .state = RequestState::kFailed, .reason = "\xff\"\n"};

  EXPECT_EQ(json::parse(RequestView(request, ""))["reason"], "\uFFFD\"\n");
}

struct TypeCase {
  RequestState state;
  const char* type;

  friend std::ostream& operator<<(std::ostream& out, const TypeCase& row) {
    return out << row.type;
  }
};

class RequestMessageTest : public testing::TestWithParam<TypeCase> {};

TEST_P(RequestMessageTest, HasATypeARevisionAndTheView) {
  const Request request{.id = "1f", .state = GetParam().state, .revision = 7};

  const json message = json::parse(RequestMessage(request, "play.example:1"));

  EXPECT_EQ(message["type"], GetParam().type);
  EXPECT_EQ(message["id"], 7);
  EXPECT_EQ(message["data"], json::parse(RequestView(request, "play.example:1")));
}

INSTANTIATE_TEST_SUITE_P(States, RequestMessageTest,
                         testing::ValuesIn(std::to_array<TypeCase>({
                             {RequestState::kCreated, "request.waiting"},
                             {RequestState::kInProgress, "request.waiting"},
                             {RequestState::kDone, "request.ready"},
                             {RequestState::kFailed, "request.failed"},
                             {RequestState::kCancelled, "request.cancelled"},
                         })));

}  // namespace
}  // namespace muster::http
