#include "gameserver/plain_http_sender.h"

#include <string>
#include <thread>

#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/http_server.h"
#include "tests/support/status_matchers.h"

namespace muster::gameserver {
namespace {

using std::chrono::milliseconds;
using support::HttpCall;
using support::HttpManner;
using support::HttpReply;
using support::StatusIs;
using testing::_;
using testing::HasSubstr;

class PlainHttpSenderTest : public testing::Test {
 protected:
  base::HttpRequest Request(const std::string& path) { return {.url = server_.url() + path}; }
  static HttpReply Reply(const HttpCall& call) {
    if (call.path == "/silent") return {.manner = HttpManner::kSilent};
    if (call.path == "/close") return {.manner = HttpManner::kClose};
    if (call.path == "/half") return {.body = "12345678", .manner = HttpManner::kHalf};
    if (call.path == "/long") return {.body = std::string(5000, 'x')};
    return {.status = 202,
            .body = call.method + " " + call.path + " " + call.headers.at("authorization") + " " +
                    call.headers.at("user-agent") + " " + call.body};
  }

  support::HttpServer server_{Reply};
  PlainHttpSender sender_{"tester/1"};
};

TEST_F(PlainHttpSenderTest, SendsAllOfARequestAndReadsAllOfTheAnswer) {
  base::HttpRequest request = Request("/a%20b?c=d");
  request.method = "POST";
  request.headers = {{"Authorization", "Bearer t"}};
  request.body = "hello";

  const auto response = sender_.Send(request, {});

  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, "POST /a%20b?c=d Bearer t tester/1 hello");
}

TEST_F(PlainHttpSenderTest, ForgetsTheBodyWhenTold) {
  base::HttpRequest request = Request("/long");
  request.max_response_bytes = 100;
  request.discard_body = true;

  const auto response = sender_.Send(request, {});

  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "");
}

TEST_F(PlainHttpSenderTest, AnAnswerThatIsTooLongIsAnError) {
  base::HttpRequest request = Request("/long");
  request.max_response_bytes = 100;

  EXPECT_THAT(sender_.Send(request, {}), StatusIs(absl::StatusCode::kResourceExhausted, _));
}

TEST_F(PlainHttpSenderTest, ABrokenConnectionIsUnavailable) {
  EXPECT_THAT(sender_.Send(Request("/close"), {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("127.0.0.1")));
  EXPECT_THAT(sender_.Send(Request("/half"), {}), StatusIs(absl::StatusCode::kUnavailable, _));
  base::HttpRequest request = Request("/");
  server_.Stop();
  EXPECT_THAT(sender_.Send(request, {}), StatusIs(absl::StatusCode::kUnavailable, _));
}

TEST_F(PlainHttpSenderTest, GivesUpAfterTheTimeout) {
  base::HttpRequest request = Request("/silent");
  request.timeout = milliseconds(50);

  EXPECT_THAT(sender_.Send(request, {}), StatusIs(absl::StatusCode::kDeadlineExceeded, _));
}

TEST_F(PlainHttpSenderTest, EndsWhenStopped) {
  base::HttpRequest request = Request("/silent");
  request.timeout = std::chrono::minutes(10);
  std::stop_source stop;
  const std::jthread stopper([&] {
    while (server_.calls() == 0) std::this_thread::yield();
    stop.request_stop();
  });

  EXPECT_THAT(sender_.Send(request, stop.get_token()), StatusIs(absl::StatusCode::kCancelled, _));
}

TEST_F(PlainHttpSenderTest, RefusesWhatIsNoHttpUrl) {
  for (const char* url : {"", "https://host/", "ftp://host", "http://", "http://a b/"}) {
    EXPECT_THAT(sender_.Send({.url = url}, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("url")))
        << url;
  }
}

}  // namespace
}  // namespace muster::gameserver
