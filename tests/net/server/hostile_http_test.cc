#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/net/server/server_fixture.h"

namespace muster::net::server {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// Sends a byte now and then until the server closes, or for very long.
std::string Trickle(support::RawHttpClient& client, std::string_view start, char byte) {
  client.Send(start);
  while (!client.IsClosedWithin(milliseconds(20))) {
    if (!client.Send(std::string_view(&byte, 1))) break;
  }
  return client.ReadToEnd();
}

TEST_F(HttpServerTest, RefusesAMalformedRequestAndCloses) {
  Start();
  Client client(port());

  client.Send("\x16\x03\x01 this is no HTTP\r\n\r\n");

  EXPECT_THAT(client.Read(), HasStatus(400));
  EXPECT_TRUE(client.IsClosed());
  EXPECT_EQ(Refusals(Refusal::kMalformed), 1);
}

TEST_F(HttpServerTest, AnswersWhatCameBeforeGarbage) {
  Start();
  Client client(port());

  client.Send(GetRequest("/") + "garbage\r\n\r\n");

  EXPECT_THAT(client.Read(), HasStatus(200));
  EXPECT_THAT(client.Read(), HasStatus(400));
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, RefusesAHeadOfAMegabyte) {
  Start();
  Client client(port());

  client.Send(GetRequest("/", "X: " + std::string(1 << 20, 'x') + "\r\n"));

  EXPECT_THAT(client.Read(), HasStatus(431));
  EXPECT_EQ(Refusals(Refusal::kHeadTooLong), 1);
}

TEST_F(HttpServerTest, RefusesALongBodyBeforeItComes) {
  Start({.max_body_bytes = 100});
  Client client(port());

  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n");

  EXPECT_THAT(client.Read(), HasStatus(413));
  EXPECT_EQ(Refusals(Refusal::kBodyTooLong), 1);
}

TEST_F(HttpServerTest, RefusesAChunkHeadWithoutAnEnd) {
  Start({.max_head_bytes = 1000});
  Client client(port());

  client.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
              std::string(10'000, 'x'));

  EXPECT_THAT(client.Read(), HasStatus(431));
}

TEST_F(HttpServerTest, CutsATrickledHead) {
  Start({.head_timeout = milliseconds(200)});
  Client client(port());

  Trickle(client, "GET / HTTP/1.1\r\nHost: h\r\nX: ", 'x');

  EXPECT_EQ(Refusals(Refusal::kTooSlow), 1);
  EXPECT_EQ(handler_.calls(), 0);
}

TEST_F(HttpServerTest, CutsATrickledBody) {
  Start({.body_timeout = milliseconds(200)});
  Client client(port());

  Trickle(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n", 'x');

  EXPECT_EQ(Refusals(Refusal::kTooSlow), 1);
  EXPECT_EQ(handler_.calls(), 0);
}

TEST_F(HttpServerTest, TellsASlowClientWhy) {
  Start({.head_timeout = milliseconds(100)});
  Client client(port());

  client.Send("GET / HTTP/1.1\r\n");

  EXPECT_THAT(client.Read(), HasStatus(408));
}

TEST_F(HttpServerTest, ClosesIdleConnectionsWithoutAWord) {
  Start({.idle_timeout = milliseconds(100)});
  Client unused(port());
  Client used(port());
  used.Get("/");

  EXPECT_EQ(unused.ReadToEnd(), "");
  EXPECT_EQ(used.ReadToEnd(), "");
  EXPECT_TRUE(Await([&] { return server_->connections() == 0; }));
  EXPECT_EQ(Refusals(Refusal::kTooSlow), 0);
}

TEST_F(HttpServerTest, EmptyLinesDoNotKeepAConnection) {
  Start({.idle_timeout = milliseconds(200)});
  Client client(port());

  EXPECT_EQ(Trickle(client, "\r\n", '\r'), "");
  EXPECT_EQ(handler_.calls(), 0);
}

TEST_F(HttpServerTest, CutsAReaderThatNeverReads) {
  handler_.Do([](const Request&, Reply reply) {
    reply.Send({.body = std::string(size_t{32} << 20, 'b')});
  });
  Start({.write_timeout = milliseconds(200)});
  Client client(port(), {.receive_buffer = 4096});

  client.Send(GetRequest("/"));

  EXPECT_TRUE(Await([&] { return Refusals(Refusal::kTooSlow) == 1; }));
  EXPECT_TRUE(Await([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTest, AnswersAClientThatSendsNoMore) {
  Start();
  Client client(port());

  client.Send(GetRequest("/") + GetRequest("/"));
  client.EndSending();

  EXPECT_THAT(client.Read(), HasStatus(200));
  EXPECT_THAT(client.Read(), HasStatus(200));
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, EndsARequestThatWasBrokenOff) {
  Start();
  Client client(port());

  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  client.EndSending();

  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(handler_.calls(), 0);
}

TEST_F(HttpServerTest, TurnsAwayWhoComesWhenItIsFull) {
  Start({.threads = 2, .max_connections = 2});
  Client first(port());
  auto second = std::make_unique<Client>(port());
  ASSERT_THAT(first.Get("/"), HasStatus(200));
  ASSERT_THAT(second->Get("/"), HasStatus(200));

  Client third(port());
  third.Send(GetRequest("/"));
  const auto refused = third.Read();
  second.reset();

  ASSERT_THAT(refused, HasStatus(503));
  EXPECT_EQ(refused->headers.at("retry-after"), "1");
  EXPECT_TRUE(third.IsClosed());
  EXPECT_EQ(Refusals(Refusal::kTooManyConnections), 1);
  ASSERT_TRUE(Await([&] { return server_->connections() == 1; }));
  Client fourth(port());
  EXPECT_THAT(fourth.Get("/"), HasStatus(200));
}

TEST_F(HttpServerTest, TurnsAwayAPeerThatHasEnough) {
  Start({.max_connections_per_peer = 1});
  Client first(port());
  ASSERT_THAT(first.Get("/"), HasStatus(200));

  Client second(port());

  EXPECT_THAT(second.Read(), HasStatus(503));
  EXPECT_EQ(Refusals(Refusal::kTooManyConnections), 1);
}

TEST_F(HttpServerTest, TurnsAwayHundreds) {
  Start({.max_connections = 1});
  Client first(port());
  ASSERT_THAT(first.Get("/"), HasStatus(200));

  std::vector<std::unique_ptr<Client>> others;
  others.reserve(400);
  for (int i = 0; i < 400; ++i) others.push_back(std::make_unique<Client>(port()));

  EXPECT_TRUE(Await([&] { return Refusals(Refusal::kTooManyConnections) == 400; }));
  EXPECT_THAT(first.Get("/"), HasStatus(200));
}

// Leaves the process one more file descriptor for as long as it lives.
class OneDescriptor {
 public:
  OneDescriptor() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit one = before_;
    const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(next);
    one.rlim_cur = static_cast<rlim_t>(next) + 1;
    setrlimit(RLIMIT_NOFILE, &one);
  }
  ~OneDescriptor() { setrlimit(RLIMIT_NOFILE, &before_); }
  OneDescriptor(const OneDescriptor&) = delete;
  OneDescriptor& operator=(const OneDescriptor&) = delete;

 private:
  rlimit before_{};
};

TEST_F(HttpServerTest, GoesOnWhenDescriptorsAreThereAgain) {
  Start();
  Client early(port());
  ASSERT_THAT(early.Get("/"), HasStatus(200));
  std::optional<Client> late;
  {
    const OneDescriptor left;
    // Takes the last one; the server has none for its end.
    late.emplace(port());
    late->Send(GetRequest("/"));
    EXPECT_FALSE(late->IsClosedWithin(milliseconds(200)));
    EXPECT_EQ(handler_.calls(), 1);
    EXPECT_TRUE(Await([&] { return Refusals(Refusal::kAcceptFailed) > 1; }));
    EXPECT_THAT(early.Get("/"), HasStatus(200));
  }

  EXPECT_THAT(late->Read(), HasStatus(200));
}

}  // namespace
}  // namespace muster::net::server
