#include "net/async_sender.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using Result = absl::StatusOr<base::HttpResponse>;

// What was called back, in that order.
class Results {
 public:
  AsyncSender::Done Add() {
    return [this](Result result) {
      base::MutexLock lock(&mu_);
      results_.push_back(std::move(result));
      changed_.SignalAll();
    };
  }
  std::vector<Result> Await(size_t count) {
    base::MutexLock lock(&mu_);
    while (results_.size() < count) changed_.Wait(&mu_);
    return results_;
  }
  size_t size() {
    base::MutexLock lock(&mu_);
    return results_.size();
  }

 private:
  base::Mutex mu_;
  base::CondVar changed_;
  std::vector<Result> results_ ABSL_GUARDED_BY(mu_);
};

// A server that answers with the path and remembers it; "/silent" gets no answer.
class PathServer {
 public:
  std::string url(const std::string& path) const { return server_.url() + path; }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::vector<HttpCall> calls() {
    base::MutexLock lock(&mu_);
    return calls_;
  }
  std::vector<std::string> paths() {
    std::vector<std::string> paths;
    for (const HttpCall& call : calls()) paths.push_back(call.path);
    return paths;
  }
  void AwaitCalls(int count) const {
    while (server_.calls() < count) std::this_thread::yield();
  }
  HttpServer& http() { return server_; }

 private:
  base::Mutex mu_;
  std::vector<HttpCall> calls_ ABSL_GUARDED_BY(mu_);
  HttpServer server_{[this](const HttpCall& call) {
    base::MutexLock lock(&mu_);
    calls_.push_back(call);
    return HttpReply{.body = call.path,
                     .manner = call.path == "/silent" ? HttpManner::kSilent : HttpManner::kWhole};
  }};
};

class AsyncSenderTest : public testing::Test {
 protected:
  void Make(const AsyncSender::Options& options) {
    sender_ = std::make_unique<AsyncSender>(options);
  }
  void Get(const std::string& url, milliseconds timeout = std::chrono::minutes(10)) {
    sender_->Send({.url = url, .timeout = timeout}, results_.Add());
  }

  PathServer server_;
  PathServer other_;
  Results results_;
  std::unique_ptr<AsyncSender> sender_ =
      std::make_unique<AsyncSender>(AsyncSender::Options{.user_agent = "muster/1"});
};

TEST_F(AsyncSenderTest, BringsTheAnswer) {
  sender_->Send(
      {.method = "POST", .url = server_.url("/a?b=c"), .headers = {{"X-One", "1"}}, .body = "text"},
      results_.Add());

  const Result answer = results_.Await(1)[0];
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "/a?b=c");
  const HttpCall call = server_.calls()[0];
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.body, "text");
  EXPECT_EQ(call.headers.at("x-one"), "1");
  EXPECT_EQ(call.headers.at("user-agent"), "muster/1");
}

TEST_F(AsyncSenderTest, CallsBackOnAThreadOfItsOwn) {
  std::thread::id thread;
  sender_->Send({.url = server_.url("/a")}, [&](const Result& result) {
    thread = std::this_thread::get_id();
    results_.Add()(result);
  });

  results_.Await(1);
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST_F(AsyncSenderTest, KeepsTheConnectionForTheNextRequest) {
  for (size_t i = 1; i <= 5; ++i) {
    Get(server_.url("/a"));
    results_.Await(i);
  }

  EXPECT_EQ(server_.http().connections(), 1);
}

TEST_F(AsyncSenderTest, ManyRequestsShareFewConnections) {
  Make({.max_per_host = 8});
  constexpr size_t kRequests = 500;

  for (size_t i = 0; i < kRequests; ++i) Get(server_.url("/a"));

  EXPECT_THAT(results_.Await(kRequests), AllOf(SizeIs(kRequests), Each(IsOk())));
  EXPECT_LE(server_.http().connections(), 8);
  EXPECT_EQ(sender_->pending(), 0U);
}

TEST_F(AsyncSenderTest, KeepsNoMoreIdleConnectionsThanAllowed) {
  Make({.max_idle_connections = 1});

  for (size_t i = 1; i <= 4; i += 2) {
    Get(server_.url("/a"));
    results_.Await(i);
    Get(other_.url("/a"));
    results_.Await(i + 1);
  }

  // One of the first two was closed.
  EXPECT_GT(server_.http().connections() + other_.http().connections(), 2);
}

TEST_F(AsyncSenderTest, OneHostIsAskedInOrder) {
  Make({.max_per_host = 1});

  for (const char* path : {"/1", "/2", "/3", "/4"}) Get(server_.url(path));

  results_.Await(4);
  EXPECT_THAT(server_.paths(), ElementsAre("/1", "/2", "/3", "/4"));
  EXPECT_EQ(server_.http().connections(), 1);
}

TEST_F(AsyncSenderTest, AHostThatHangsHoldsBackNoOther) {
  Make({.max_per_host = 1});
  Get(server_.url("/silent"));
  Get(server_.url("/a"));

  Get(other_.url("/b"));

  EXPECT_EQ(results_.Await(1)[0]->body, "/b");
  EXPECT_EQ(sender_->pending(), 2U);
}

TEST_F(AsyncSenderTest, WhatWaitsGoesWhenThereIsRoom) {
  Make({.max_in_flight = 1});
  Get(server_.url("/silent"), milliseconds(50));
  Get(other_.url("/a"));

  const std::vector<Result> results = results_.Await(2);

  EXPECT_THAT(results[0], StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("127.0.0.1")));
  EXPECT_THAT(results[1], IsOk());
}

TEST_F(AsyncSenderTest, TheTimeoutRunsWhileARequestWaits) {
  Make({.max_in_flight = 1});
  Get(server_.url("/silent"));
  server_.AwaitCalls(1);

  Get(other_.url("/a"), milliseconds(50));

  const Result result = results_.Await(1)[0];
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr(other_.endpoint())));
  EXPECT_TRUE(NeverSent(result.status()));
  EXPECT_EQ(other_.http().calls(), 0);
}

TEST_F(AsyncSenderTest, RefusesWhenTooManyWaitAtOnce) {
  Make({.max_in_flight = 1, .max_waiting = 1});
  Get(server_.url("/silent"));
  Get(server_.url("/a"));
  ASSERT_EQ(sender_->pending(), 2U);

  Get(other_.url("/b"));

  ASSERT_EQ(results_.size(), 1U);
  const Result result = results_.Await(1)[0];
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kResourceExhausted,
                               AllOf(HasSubstr(other_.endpoint()), HasSubstr("1 requests wait"))));
  EXPECT_TRUE(NeverSent(result.status()));
}

TEST_F(AsyncSenderTest, RefusesWhatIsNoUrl) {
  Get("file:///etc/passwd");

  ASSERT_EQ(results_.size(), 1U);
  EXPECT_THAT(results_.Await(1)[0],
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the scheme is file")));
}

TEST_F(AsyncSenderTest, AHeaderHoldsNoLinesEnd) {
  sender_->Send({.url = server_.url("/a"), .headers = {{"X-One", "1\r\nX-Two: 2"}}},
                results_.Add());

  EXPECT_THAT(results_.Await(1)[0],
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line's end")));
  EXPECT_EQ(sender_->pending(), 0U);
}

TEST_F(AsyncSenderTest, NobodyListeningIsUnavailableAndNeverSent) {
  server_.http().Stop();

  Get(server_.url("/a"));

  const Result result = results_.Await(1)[0];
  EXPECT_THAT(result,
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(server_.endpoint()), HasSubstr("connection refused"))));
  EXPECT_TRUE(NeverSent(result.status()));
}

TEST_F(AsyncSenderTest, ACallThatWasSeenIsNotNeverSent) {
  Get(server_.url("/silent"), milliseconds(1000));
  server_.AwaitCalls(1);

  EXPECT_FALSE(NeverSent(results_.Await(1)[0].status()));
}

TEST_F(AsyncSenderTest, AnAnswerIsNotLongerThanAllowed) {
  sender_->Send({.url = server_.url("/1234567"), .max_response_bytes = 7}, results_.Add());

  const Result result = results_.Await(1)[0];
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("than 7 bytes")));
  EXPECT_FALSE(NeverSent(result.status()));
}

TEST_F(AsyncSenderTest, ItsEndCancelsWhatIsUnderWayAndWhatWaits) {
  Make({.max_in_flight = 1});
  Get(server_.url("/silent"));
  Get(server_.url("/a"));
  server_.AwaitCalls(1);

  sender_.reset();

  ASSERT_EQ(results_.size(), 2U);
  const std::vector<Result> results = results_.Await(2);
  EXPECT_THAT(results, Each(StatusIs(absl::StatusCode::kCancelled, HasSubstr(server_.endpoint()))));
  EXPECT_FALSE(NeverSent(results[0].status()));
  EXPECT_TRUE(NeverSent(results[1].status()));
}

TEST_F(AsyncSenderTest, ACallbackMaySend) {
  sender_->Send({.url = server_.url("/1")}, [this](const Result& first) {
    results_.Add()(first);
    Get(server_.url("/2"));
  });

  EXPECT_THAT(results_.Await(2), Each(IsOk()));
  EXPECT_THAT(server_.paths(), ElementsAre("/1", "/2"));
}

TEST_F(AsyncSenderTest, ACallbackThatSendsAtItsEndIsRefused) {
  // The owner's pointer is null by then.
  AsyncSender* const sender = sender_.get();
  sender->Send({.url = server_.url("/silent")}, [this, sender](const Result& first) {
    results_.Add()(first);
    sender->Send({.url = server_.url("/2")}, results_.Add());
  });
  server_.AwaitCalls(1);

  sender_.reset();

  ASSERT_EQ(results_.size(), 2U);
  EXPECT_THAT(results_.Await(2), Each(StatusIs(absl::StatusCode::kCancelled, HasSubstr("ended"))));
}

TEST_F(AsyncSenderTest, TakesRequestsOfManyThreads) {
  constexpr size_t kThreads = 4;
  constexpr size_t kEach = 50;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (size_t j = 0; j < kEach; ++j) Get(server_.url("/a"));
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_THAT(results_.Await(kThreads * kEach), Each(IsOk()));
}

}  // namespace
}  // namespace muster::net
