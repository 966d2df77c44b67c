#include "net/curl_sender.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <ostream>

#include "base/mutex.h"
#include "gmock/gmock.h"
#include "net/never_sent.h"
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
using testing::HasSubstr;
using testing::Not;

// A server that gives one reply to all, and a sender.
class CurlSenderTest : public testing::Test {
 protected:
  void Reply(HttpReply reply) {
    base::MutexLock lock(&mu_);
    reply_ = std::move(reply);
  }
  HttpCall last_call() {
    base::MutexLock lock(&mu_);
    return call_;
  }
  absl::StatusOr<base::HttpResponse> Get() { return sender_.Send({.url = server_.url()}, {}); }
  std::string Endpoint() const { return "127.0.0.1:" + std::to_string(server_.port()); }

  base::Mutex mu_;
  HttpReply reply_ ABSL_GUARDED_BY(mu_);
  HttpCall call_ ABSL_GUARDED_BY(mu_);
  HttpServer server_{[this](const HttpCall& call) {
    base::MutexLock lock(&mu_);
    call_ = call;
    return reply_;
  }};
  CurlSender sender_{"muster/1"};
};

TEST_F(CurlSenderTest, BringsAnAnswerWhateverItsStatus) {
  for (const int status : {200, 404, 503}) {
    Reply({.status = status, .body = "text"});

    const auto answer = Get();

    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->body, "text");
  }
}

TEST_F(CurlSenderTest, SendsMethodPathHeadersAndBody) {
  const std::string body(2'000'000, 'x');

  const auto answer = sender_.Send({.method = "POST",
                                    .url = server_.url() + "/push?a=b",
                                    .headers = {{"X-One", "1"}, {"X-Empty", ""}},
                                    .body = body},
                                   {});

  ASSERT_THAT(answer, IsOk());
  const HttpCall call = last_call();
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.path, "/push?a=b");
  EXPECT_EQ(call.headers.at("x-one"), "1");
  EXPECT_EQ(call.headers.at("x-empty"), "");
  EXPECT_EQ(call.headers.at("user-agent"), "muster/1");
  EXPECT_EQ(call.headers.count("expect"), 0U);
  EXPECT_EQ(call.body, body);
}

TEST_F(CurlSenderTest, SendsOtherMethods) {
  for (const char* method : {"GET", "DELETE", "PUT", "POST"}) {
    EXPECT_THAT(sender_.Send({.method = method, .url = server_.url()}, {}), IsOk()) << method;

    EXPECT_EQ(last_call().method, method);
    EXPECT_EQ(last_call().body, "");
  }
}

TEST_F(CurlSenderTest, ABodyThatIsNotThereHasNoType) {
  ASSERT_THAT(sender_.Send({.method = "POST", .url = server_.url()}, {}), IsOk());

  EXPECT_EQ(last_call().headers.count("content-type"), 0U);
  EXPECT_EQ(last_call().headers.at("content-length"), "0");
}

TEST_F(CurlSenderTest, SpeaksThroughAUnixSocket) {
  const std::string path = testing::TempDir() + "curl_sender_test." + std::to_string(getpid());
  const HttpServer server([](const HttpCall& call) { return HttpReply{.body = call.path}; }, path);
  CurlSender sender(CurlSender::Options{.user_agent = "muster/1", .unix_socket = path});

  for (int i = 0; i < 2; ++i) {
    const auto answer = sender.Send({.url = "http://engine/v1/a?b=c"}, {});

    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->body, "/v1/a?b=c");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlSenderTest, AUnixSocketThatIsNotThereIsUnavailable) {
  CurlSender sender(CurlSender::Options{.unix_socket = "/nowhere/socket"});

  const auto answer = sender.Send({.url = "http://engine/"}, {});

  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("engine")));
  EXPECT_TRUE(NeverSent(answer.status()));
}

TEST_F(CurlSenderTest, SaysWhenTheServerCannotHaveSeenTheRequest) {
  Reply({.manner = HttpManner::kClose});
  EXPECT_FALSE(NeverSent(Get().status()));

  server_.Stop();
  EXPECT_TRUE(NeverSent(Get().status()));
}

TEST_F(CurlSenderTest, ForgetsTheRequestBefore) {
  ASSERT_THAT(
      sender_.Send(
          {.method = "PUT", .url = server_.url(), .headers = {{"X-One", "1"}}, .body = "old"}, {}),
      IsOk());

  ASSERT_THAT(Get(), IsOk());

  EXPECT_EQ(last_call().method, "GET");
  EXPECT_EQ(last_call().body, "");
  EXPECT_EQ(last_call().headers.count("x-one"), 0U);
}

TEST_F(CurlSenderTest, PassesBasicAuthentication) {
  ASSERT_THAT(
      sender_.Send({.url = server_.url(), .headers = {base::BasicAuthorization("user", "pass")}},
                   {}),
      IsOk());

  EXPECT_EQ(last_call().headers.at("authorization"), "Basic dXNlcjpwYXNz");
}

TEST_F(CurlSenderTest, KeepsTheConnection) {
  for (int i = 0; i < 5; ++i) ASSERT_THAT(Get(), IsOk());

  EXPECT_EQ(server_.calls(), 5);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(CurlSenderTest, ReplacesAConnectionThatWasClosedMeanwhile) {
  CurlSender sender("muster/1");
  auto first = std::make_unique<HttpServer>([](const HttpCall&) { return HttpReply{}; });
  const int port = first->port();
  ASSERT_THAT(sender.Send({.url = first->url()}, {}), IsOk());
  first.reset();
  const HttpServer second([](const HttpCall&) { return HttpReply{}; }, port);

  EXPECT_THAT(sender.Send({.url = second.url()}, {}), IsOk());
}

TEST_F(CurlSenderTest, DoesNotFollowRedirects) {
  Reply({.status = 302, .headers = {{"Location", server_.url() + "/other"}}});

  const auto answer = Get();

  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(server_.calls(), 1);
}

TEST_F(CurlSenderTest, DoesNotUseTheProxiesOfTheEnvironment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);

  EXPECT_THAT(Get(), IsOk());

  unsetenv("http_proxy");
}

TEST_F(CurlSenderTest, TheTimeoutEndsASilentCall) {
  Reply({.manner = HttpManner::kSilent});

  EXPECT_THAT(sender_.Send({.url = server_.url(), .timeout = milliseconds(50)}, {}),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr(Endpoint())));
}

TEST_F(CurlSenderTest, NoTimeIsATimeoutToo) {
  Reply({.manner = HttpManner::kSilent});

  EXPECT_THAT(sender_.Send({.url = server_.url(), .timeout = milliseconds(0)}, {}),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr(Endpoint())));
}

TEST_F(CurlSenderTest, ASlowAnswerWithinTheTimeoutIsAnAnswer) {
  Reply({.body = "late", .delay = milliseconds(50)});

  EXPECT_EQ(Get().value().body, "late");
}

TEST_F(CurlSenderTest, AStopEndsASilentCallSoon) {
  Reply({.manner = HttpManner::kSilent});
  std::stop_source stop;
  auto answer = std::async(std::launch::async, [&] {
    return sender_.Send({.url = server_.url(), .timeout = std::chrono::hours(1)}, stop.get_token());
  });
  while (server_.calls() == 0) std::this_thread::yield();

  stop.request_stop();

  // It takes less than a millisecond; the rest is for busy machines.
  ASSERT_EQ(answer.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_THAT(answer.get(), StatusIs(absl::StatusCode::kCancelled, HasSubstr(Endpoint())));
}

TEST_F(CurlSenderTest, NothingIsSentWhenStoppedBefore) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THAT(sender_.Send({.url = server_.url()}, stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr(Endpoint())));

  EXPECT_EQ(server_.calls(), 0);
}

TEST_F(CurlSenderTest, AnAnswerIsNotLongerThanAllowed) {
  Reply({.body = "12345678"});

  EXPECT_EQ(sender_.Send({.url = server_.url(), .max_response_bytes = 8}, {}).value().body,
            "12345678");
  EXPECT_THAT(sender_.Send({.url = server_.url(), .max_response_bytes = 7}, {}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr(Endpoint()), HasSubstr("longer than 7 bytes"))));
}

TEST_F(CurlSenderTest, ABodyThatIsNotWantedIsForgotten) {
  Reply({.status = 404, .body = "12345678"});

  for (const size_t max_bytes : {100, 8, 7, 0}) {
    const auto answer = sender_.Send(
        {.url = server_.url(), .max_response_bytes = max_bytes, .discard_body = true}, {});

    ASSERT_THAT(answer, IsOk()) << max_bytes;
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->body, "");
  }
}

TEST_F(CurlSenderTest, ABodyThatIsNotWantedIsNotReadToItsEnd) {
  // Nobody would wait for the whole of it.
  Reply({.body = std::string(4'000'000, 'x'), .manner = HttpManner::kHalf});

  EXPECT_EQ(sender_.Send({.url = server_.url(), .discard_body = true}, {}).value().status, 200);
}

TEST_F(CurlSenderTest, HalfABodyThatIsNotWantedIsUnavailable) {
  Reply({.body = "12345678", .manner = HttpManner::kHalf});

  EXPECT_THAT(sender_.Send({.url = server_.url(), .discard_body = true}, {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(Endpoint())));
}

TEST_F(CurlSenderTest, AnOptionThatLibcurlRefusesIsUnavailable) {
  // Longer than any text that libcurl takes.
  CurlSender sender(std::string(10'000'000, 'x'));

  EXPECT_THAT(sender.Send({.url = server_.url()}, {}),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(Endpoint()), HasSubstr("refused an option"))));
  EXPECT_EQ(server_.calls(), 0);
}

TEST_F(CurlSenderTest, NobodyListeningIsUnavailable) {
  server_.Stop();

  EXPECT_THAT(Get(), StatusIs(absl::StatusCode::kUnavailable,
                              AllOf(HasSubstr(Endpoint()), HasSubstr("connection refused"))));
}

TEST_F(CurlSenderTest, ABrokenConnectionIsUnavailable) {
  for (const HttpManner manner : {HttpManner::kClose, HttpManner::kHalf}) {
    Reply({.body = "12345678", .manner = manner});

    EXPECT_THAT(Get(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr(Endpoint())));
  }
}

TEST_F(CurlSenderTest, WorksAgainAfterEachError) {
  const HttpReply replies[] = {
      {.manner = HttpManner::kSilent}, {.manner = HttpManner::kClose}, {.body = "too long"}};
  for (const HttpReply& reply : replies) {
    Reply(reply);
    ASSERT_THAT(
        sender_.Send({.url = server_.url(), .timeout = milliseconds(50), .max_response_bytes = 1},
                     {}),
        Not(IsOk()));
    Reply({});

    EXPECT_THAT(Get(), IsOk());
  }
}

TEST_F(CurlSenderTest, AHeaderHoldsNoLinesEnd) {
  for (const base::HttpHeader& header :
       {base::HttpHeader{"X-One", "secret\r\nX-Two: 2"}, base::HttpHeader{"X\n-One", "secret"}}) {
    EXPECT_THAT(sender_.Send({.url = server_.url(), .headers = {header}}, {}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("line's end"), Not(HasSubstr("secret")))));
  }
  EXPECT_EQ(server_.calls(), 0);
}

TEST_F(CurlSenderTest, CallsNoOtherScheme) {
  EXPECT_THAT(sender_.Send({.url = "file:///etc/passwd"}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the scheme is file")));
}

TEST(CheckUrl, TakesHttpAndHttps) {
  for (const char* url : {"http://localhost", "https://localhost:8443/a/b?c=d", "HTTP://LOCALHOST/",
                          "http://[::1]:80", "http://user:pass@loki:3100/loki/api/v1/push"}) {
    EXPECT_THAT(CheckUrl(url), IsOk()) << url;
  }
}

struct BadUrl {
  const char* url;
  const char* fragment;
};

std::ostream& operator<<(std::ostream& out, const BadUrl& bad) { return out << bad.url; }

class BadUrlTest : public testing::TestWithParam<BadUrl> {};

TEST_P(BadUrlTest, IsRefusedWithoutBeingRepeated) {
  EXPECT_THAT(CheckUrl(GetParam().url),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("not a URL to call"), HasSubstr(GetParam().fragment),
                             Not(HasSubstr("secret")))));
}

const BadUrl kBadUrls[] = {
    {"", ""},
    {"localhost:3100/secret", ""},
    {"secret", "scheme"},
    {"//host/secret", "scheme"},
    {"http://", ""},
    {"http:///secret", "no host"},
    {"http:/secret", "no host"},
    {"http://:80/secret", "host"},
    {"http://host:0x50/secret", "port"},
    {"http://host:99999/secret", "port"},
    {"http://ho st/secret", ""},
    {"ftp://user:secret@host", "the scheme is ftp, not http or https"},
    {"file:///secret", "the scheme is file"},
    {"unix:///secret", "the scheme is unix"},
};
INSTANTIATE_TEST_SUITE_P(Urls, BadUrlTest, testing::ValuesIn(kBadUrls));

}  // namespace
}  // namespace muster::net
