#include "telemetry/exporters/http_writer.h"

#include <ostream>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "gmock/gmock.h"
#include "net/curl_sender.h"
#include "tests/support/http_server.h"
#include "tests/support/status_matchers.h"

namespace muster::telemetry::exporters {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using support::HttpCall;
using support::HttpManner;
using support::HttpReply;
using support::HttpServer;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

// Gives its replies in their order, then 200; keeps the calls.
class Backend {
 public:
  explicit Backend(std::vector<HttpReply> replies = {}) : replies_(std::move(replies)) {}

  HttpReply Answer(const HttpCall& call) {
    base::MutexLock lock(&mu_);
    calls_.push_back(call);
    changed_.SignalAll();
    return calls_.size() <= replies_.size() ? replies_[calls_.size() - 1] : HttpReply{};
  }
  HttpServer::Handler handler() {
    return [this](const HttpCall& call) { return Answer(call); };
  }
  void AwaitCalls(size_t count) {
    base::MutexLock lock(&mu_);
    while (calls_.size() < count) changed_.Wait(&mu_);
  }
  std::vector<HttpCall> calls() {
    base::MutexLock lock(&mu_);
    return calls_;
  }

 private:
  base::Mutex mu_;
  base::CondVar changed_;
  std::vector<HttpReply> replies_ ABSL_GUARDED_BY(mu_);
  std::vector<HttpCall> calls_ ABSL_GUARDED_BY(mu_);
};

class HttpWriterTest : public testing::Test {
 protected:
  // Attempts follow one another at once.
  static HttpWriter::Options To(const std::string& url) {
    return {.url = url + "/push",
            .timeout = minutes(1),
            .max_attempts = 4,
            .first_pause = milliseconds(1),
            .last_pause = milliseconds(2)};
  }
  HttpWriter Make(HttpWriter::Options options) {
    return HttpWriter(std::move(options), std::make_unique<net::CurlSender>("test"), counts_,
                      [this](const absl::Status& status) { changes_.push_back(status); });
  }
  int64_t Dropped(DropReason reason) const { return counts_.dropped[static_cast<size_t>(reason)]; }

  ExportCounts counts_;
  std::vector<absl::Status> changes_;
};

TEST_F(HttpWriterTest, PostsABatchInItsFrame) {
  Backend backend;
  HttpServer server(backend.handler());
  HttpWriter::Options options = To(server.url());
  options.headers = {{"X-Tenant", "games"}};
  options.before = "{[";
  options.after = "]}";

  Make(options).Write({.text = "1,2", .records = 2}, {});

  ASSERT_EQ(backend.calls().size(), 1U);
  const HttpCall call = backend.calls()[0];
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.path, "/push");
  EXPECT_EQ(call.body, "{[1,2]}");
  EXPECT_EQ(call.headers.at("content-type"), "application/json");
  EXPECT_EQ(call.headers.at("x-tenant"), "games");
  EXPECT_EQ(counts_.sent, 2);
}

struct Case {
  std::string name;
  // Of a batch of three records; then come 200s.
  std::vector<HttpReply> replies;
  int64_t sent = 0;
  int64_t refused = 0;
  int64_t gave_up = 0;
  int64_t failed_attempts = 0;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

// Longer than any answer that is read.
const std::string kLongPage(3'000'000, 'x');

const Case kCases[] = {
    {"200", {{200}}, 3, 0, 0, 0},
    {"204", {{204}}, 3, 0, 0, 0},
    {"500 once", {{500}}, 3, 0, 0, 1},
    {"503 three times", {{503}, {503}, {503}}, 3, 0, 0, 3},
    {"503 for good", {{503}, {503}, {503}, {503}}, 0, 0, 3, 4},
    {"429 once", {{429}}, 3, 0, 0, 1},
    {"400", {{400}}, 0, 3, 0, 1},
    {"401", {{401}}, 0, 3, 0, 1},
    {"404", {{404}}, 0, 3, 0, 1},
    {"redirect", {{.status = 302, .headers = {{"Location", "/other"}}}}, 0, 3, 0, 1},
    {"500, then 401", {{500}, {401}}, 0, 3, 0, 2},
    {"closed", {{.manner = HttpManner::kClose}}, 3, 0, 0, 1},
    {"half an answer", {{200, "abcd", HttpManner::kHalf}}, 3, 0, 0, 1},
    {"200 with a long page", {{200, kLongPage}}, 3, 0, 0, 0},
    {"503 with a long page", {{503, kLongPage}}, 3, 0, 0, 1},
    {"401 with a long page", {{401, kLongPage}}, 0, 3, 0, 1},
    {"slow", {{.delay = milliseconds(50)}}, 3, 0, 0, 0},
    {"all in turn", {{.manner = HttpManner::kClose}, {500}, {429}}, 3, 0, 0, 3},
};

class BadServerTest : public HttpWriterTest, public testing::WithParamInterface<Case> {};

TEST_P(BadServerTest, IsCountedExactly) {
  Backend backend(GetParam().replies);
  HttpServer server(backend.handler());

  Make(To(server.url())).Write({.text = "1,2,3", .records = 3}, {});

  EXPECT_EQ(counts_.sent, GetParam().sent);
  EXPECT_EQ(Dropped(DropReason::kRefused), GetParam().refused);
  EXPECT_EQ(Dropped(DropReason::kGaveUp), GetParam().gave_up);
  EXPECT_EQ(counts_.failed_attempts, GetParam().failed_attempts);
  EXPECT_EQ(server.calls(), GetParam().failed_attempts + (GetParam().sent > 0 ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(Replies, BadServerTest, testing::ValuesIn(kCases));

TEST_F(HttpWriterTest, ASilentServerIsTriedAgainAfterTheTimeout) {
  Backend backend({{.manner = HttpManner::kSilent}});
  HttpServer server(backend.handler());
  HttpWriter::Options options = To(server.url());
  options.timeout = milliseconds(200);
  options.max_attempts = 100;

  Make(options).Write({.text = "1", .records = 1}, {});

  EXPECT_EQ(counts_.sent, 1);
  EXPECT_GE(counts_.failed_attempts, 1);
  EXPECT_THAT(changes_[0], StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("127.0.0.1")));
}

TEST_F(HttpWriterTest, NobodyListeningIsTriedAgain) {
  HttpServer server([](const HttpCall&) { return HttpReply{}; });
  server.Stop();

  Make(To(server.url())).Write({.text = "1", .records = 1}, {});

  EXPECT_EQ(Dropped(DropReason::kGaveUp), 1);
  EXPECT_EQ(counts_.failed_attempts, 4);
  EXPECT_THAT(changes_, ElementsAre(StatusIs(absl::StatusCode::kUnavailable,
                                             HasSubstr("connection refused"))));
}

TEST_F(HttpWriterTest, ThePauseDoublesUpToTheLast) {
  Backend backend({{500}, {500}, {500}, {500}});
  HttpServer server(backend.handler());
  HttpWriter::Options options = To(server.url());
  options.first_pause = milliseconds(10);
  options.last_pause = milliseconds(20);
  const base::MonotonicTime begin = base::Clock::System().MonotonicNow();

  Make(options).Write({.text = "1", .records = 1}, {});

  EXPECT_GE(base::Clock::System().MonotonicNow() - begin, milliseconds(10 + 20 + 20));
}

// Runs a write and stops it when the first call has come in.
class StoppedWriteTest : public HttpWriterTest {
 protected:
  void WriteUntilStopped(const HttpReply& reply) {
    Backend backend({reply, reply});
    HttpServer server(backend.handler());
    HttpWriter::Options options = To(server.url());
    options.first_pause = hours(1);
    options.last_pause = hours(1);
    HttpWriter writer = Make(options);
    std::stop_source stop;

    std::thread thread([&] { writer.Write({.text = "1", .records = 1}, stop.get_token()); });
    backend.AwaitCalls(1);
    stop.request_stop();
    thread.join();
  }
};

TEST_F(StoppedWriteTest, DoesNotWaitForThePause) {
  WriteUntilStopped({500});

  EXPECT_EQ(Dropped(DropReason::kGaveUp), 1);
  EXPECT_LE(counts_.failed_attempts, 1);
}

TEST_F(StoppedWriteTest, DoesNotWaitForTheAnswer) {
  WriteUntilStopped({.manner = HttpManner::kSilent});

  EXPECT_EQ(Dropped(DropReason::kGaveUp), 1);
  EXPECT_EQ(counts_.failed_attempts, 0);
  EXPECT_TRUE(changes_.empty());
}

TEST_F(HttpWriterTest, IsNotTriedWhenStoppedBefore) {
  Backend backend;
  HttpServer server(backend.handler());
  std::stop_source stop;
  stop.request_stop();

  Make(To(server.url())).Write({.text = "1", .records = 1}, stop.get_token());

  EXPECT_EQ(server.calls(), 0);
  EXPECT_EQ(Dropped(DropReason::kGaveUp), 1);
}

TEST_F(HttpWriterTest, SaysOnceThatSomethingChanged) {
  Backend backend({{500}, {500}, {200}, {200}, {401}, {401}, {200}});
  HttpServer server(backend.handler());
  HttpWriter writer = Make(To(server.url()));

  for (int i = 0; i < 5; ++i) writer.Write({.text = "1", .records = 1}, {});

  EXPECT_THAT(
      changes_,
      ElementsAre(StatusIs(absl::StatusCode::kUnavailable, HasSubstr("answered 500")), IsOk(),
                  StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("answered 401")),
                  IsOk()));
}

// Records through a batcher to a server that comes and goes.
class BackendTest : public HttpWriterTest {
 protected:
  void AddThousand(Batcher& batcher) {
    for (int i = 0; i < 1000; ++i) batcher.Add(base::StrCat(added_++));
  }
  static std::string Bodies(const std::vector<HttpCall>& calls) {
    std::string all;
    for (const HttpCall& call : calls) all += call.body + ",";
    return all;
  }
  static std::string Numbers(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += base::StrCat(i, ",");
    return all;
  }

  int added_ = 0;
};

TEST_F(BackendTest, NothingIsLostWhileTheServerIsAway) {
  Backend backend;
  auto server = std::make_unique<HttpServer>(backend.handler());
  HttpWriter::Options options = To(server->url());
  options.max_attempts = 1'000'000;
  HttpWriter writer = Make(options);
  Batcher batcher({.batch_bytes = 100, .interval = milliseconds(1), .separator = ","}, writer,
                  counts_);

  AddThousand(batcher);
  while (counts_.queued_bytes > 0) std::this_thread::yield();
  const int port = server->port();
  server.reset();
  AddThousand(batcher);
  while (counts_.failed_attempts < 3) std::this_thread::yield();
  server = std::make_unique<HttpServer>(backend.handler(), port);
  AddThousand(batcher);
  batcher.Stop(minutes(1));

  EXPECT_EQ(counts_.sent, 3000);
  EXPECT_EQ(Bodies(backend.calls()), Numbers(3000));
  EXPECT_THAT(changes_, ElementsAre(StatusIs(absl::StatusCode::kUnavailable, testing::_), IsOk()));
}

TEST_F(BackendTest, MemoryIsBoundedWhileTheServerIsAway) {
  HttpServer server([](const HttpCall&) { return HttpReply{}; });
  server.Stop();
  HttpWriter writer = Make(To(server.url()));
  Batcher batcher({.max_queued_bytes = 1000, .batch_bytes = 100}, writer, counts_);

  for (int i = 0; i < 20; ++i) {
    AddThousand(batcher);
    EXPECT_LE(counts_.queued_bytes, 1000);
  }
  batcher.Stop(milliseconds(10));

  EXPECT_EQ(counts_.sent, 0);
  EXPECT_GT(Dropped(DropReason::kQueueFull), 0);
  EXPECT_EQ(Dropped(DropReason::kQueueFull) + Dropped(DropReason::kGaveUp), 20'000);
}

}  // namespace
}  // namespace muster::telemetry::exporters
