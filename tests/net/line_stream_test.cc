#include "net/line_stream.h"

#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "gmock/gmock.h"
#include "tests/support/http_server.h"
#include "tests/support/status_matchers.h"

namespace muster::net {
namespace {

using std::chrono::milliseconds;
using support::HttpCall;
using support::HttpManner;
using support::HttpReply;
using support::HttpServer;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class LineStreamTest : public testing::Test {
 protected:
  base::HttpRequest Request() const { return {.url = server_.url() + "/events"}; }
  absl::Status Read(const base::HttpRequest& request) {
    return StreamLines({.user_agent = "muster/1"}, request, stop_.get_token(),
                       [this](std::string_view line) { OnLine(line); });
  }
  void Reply(HttpReply reply) {
    base::MutexLock lock(&mu_);
    reply_ = std::move(reply);
  }
  void OnLine(std::string_view line) {
    base::MutexLock lock(&mu_);
    lines_.emplace_back(line);
    changed_.SignalAll();
  }
  void AwaitLines(size_t count) {
    base::MutexLock lock(&mu_);
    while (lines_.size() < count) changed_.Wait(&mu_);
  }
  std::vector<std::string> lines() {
    base::MutexLock lock(&mu_);
    return lines_;
  }
  std::string Endpoint() const { return "127.0.0.1:" + std::to_string(server_.port()); }

  std::stop_source stop_;
  base::Mutex mu_;
  base::CondVar changed_;
  HttpReply reply_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
  HttpServer server_{[this](const HttpCall&) {
    base::MutexLock lock(&mu_);
    return reply_;
  }};
};

TEST_F(LineStreamTest, TellsLinesAndEndsWithTheAnswer) {
  Reply({.body = "one\r\n\n\r\ntwo\nlast"});

  EXPECT_THAT(Read(Request()), IsOk());

  EXPECT_THAT(lines(), ElementsAre("one", "two", "last"));
}

TEST_F(LineStreamTest, PutsLongLinesTogether) {
  const std::string line(500'000, 'x');
  Reply({.body = line + "\n" + line + "\n"});

  EXPECT_THAT(Read(Request()), IsOk());

  EXPECT_THAT(lines(), ElementsAre(line, line));
}

TEST_F(LineStreamTest, TellsALineBeforeTheAnswerEndsAndStopsSoon) {
  Reply({.body = "one\ntwo\nhalf", .manner = HttpManner::kOpen});
  auto result = std::async(std::launch::async, [this] { return Read(Request()); });
  AwaitLines(2);

  stop_.request_stop();

  ASSERT_EQ(result.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_THAT(result.get(), StatusIs(absl::StatusCode::kCancelled, HasSubstr(Endpoint())));
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
}

TEST_F(LineStreamTest, TheTimeoutIsNotForWhatFollowsTheHead) {
  Reply({.body = "one\n", .manner = HttpManner::kOpen});
  base::HttpRequest request = Request();
  request.timeout = milliseconds(1000);
  auto result = std::async(std::launch::async, [&] { return Read(request); });
  AwaitLines(1);

  EXPECT_EQ(result.wait_for(milliseconds(1200)), std::future_status::timeout);

  server_.Stop();
  EXPECT_THAT(result.get(), IsOk());
}

TEST_F(LineStreamTest, TheTimeoutIsForTheHead) {
  Reply({.manner = HttpManner::kSilent});
  base::HttpRequest request = Request();
  request.timeout = milliseconds(50);

  EXPECT_THAT(Read(request), StatusIs(absl::StatusCode::kDeadlineExceeded,
                                      AllOf(HasSubstr(Endpoint()), HasSubstr("within 50 ms"))));
}

TEST_F(LineStreamTest, AnotherStatusThan2xxIsUnavailableAndToldInTheMessage) {
  for (const HttpManner manner : {HttpManner::kWhole, HttpManner::kOpen}) {
    for (const std::string& body : {std::string(), std::string("secret\n")}) {
      Reply({.status = 404, .body = body, .manner = manner});

      EXPECT_THAT(Read(Request()), StatusIs(absl::StatusCode::kUnavailable,
                                            AllOf(HasSubstr(Endpoint()), HasSubstr("404"),
                                                  Not(HasSubstr("secret")))));
    }
  }
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(LineStreamTest, ALineIsNotLongerThanAllowed) {
  Reply({.body = "12345678\n123456789\n"});
  base::HttpRequest request = Request();
  request.max_response_bytes = 8;

  EXPECT_THAT(Read(request), StatusIs(absl::StatusCode::kResourceExhausted,
                                      AllOf(HasSubstr(Endpoint()), HasSubstr("than 8 bytes"))));

  EXPECT_THAT(lines(), ElementsAre("12345678"));
}

TEST_F(LineStreamTest, ABrokenConnectionIsUnavailable) {
  for (const HttpManner manner : {HttpManner::kClose, HttpManner::kHalf}) {
    Reply({.body = "one\ntwo\n", .manner = manner});

    EXPECT_THAT(Read(Request()), StatusIs(absl::StatusCode::kUnavailable, HasSubstr(Endpoint())));
  }
}

TEST_F(LineStreamTest, NobodyListeningIsUnavailable) {
  server_.Stop();

  EXPECT_THAT(Read(Request()), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("refused")));
}

TEST_F(LineStreamTest, CallsNoOtherScheme) {
  EXPECT_THAT(Read({.url = "file:///etc/passwd"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the scheme is file")));
}

}  // namespace
}  // namespace muster::net
