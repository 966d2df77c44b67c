#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "tests/net/server/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::net::server {
namespace {

using std::chrono::milliseconds;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(HttpServerTest, AnswersOverOneConnection) {
  Start();
  Client client(port());

  for (int i = 0; i < 3; ++i) {
    const auto response = client.Get("/");
    ASSERT_THAT(response, HasStatus(200));
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->headers.at("content-type"), "text/plain");
    EXPECT_EQ(response->headers.at("server"), "muster");
    EXPECT_THAT(response->headers.at("date"), HasSubstr(" GMT"));
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerTest, SaysWhereItListens) {
  Start();

  EXPECT_EQ(server_->address(), base::StrCat("127.0.0.1:", server_->port()));
  EXPECT_EQ(server_->web_sockets(), 0U);
}

TEST_F(HttpServerTest, DoesNotListenWhereAnotherDoes) {
  Start();

  EXPECT_THAT(
      HttpServer::Start({.port = port()}, handler_),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr(base::StrCat("127.0.0.1:", port()))));
}

TEST_F(HttpServerTest, DoesNotListenOnWhatIsNoAddress) {
  EXPECT_THAT(HttpServer::Start({.address = "nowhere", .port = 1}, handler_),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("nowhere:1")));
}

TEST_F(HttpServerTest, HandsOverTheRequestAsItCame) {
  handler_.Do([](const Request& request, Reply reply) {
    reply.Send(
        {.body = base::StrCat(request.method, " ", request.path, "?", request.query, " ",
                              *request.Header("x-a"), " ", request.body, " ", request.peer)});
  });
  Start();
  Client client(port());

  client.Send("PUT /a%2F?b=%20 HTTP/1.1\r\nHost: h\r\nX-A: c\r\nContent-Length: 4\r\n\r\nbody");

  EXPECT_EQ(client.Read()->body, "PUT /a%2F?b=%20 c body 127.0.0.1");
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  Start();
  Client client(port());

  client.Send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + GetRequest("/"));

  const auto head = client.Read(true);
  ASSERT_THAT(head, HasStatus(200));
  EXPECT_EQ(head->headers.at("content-length"), "5");
  EXPECT_EQ(client.Read()->body, "hello");
}

TEST_F(HttpServerTest, ClosesWhenAsked) {
  Start();
  Client client(port());

  client.Send(GetRequest("/", "Connection: close\r\n"));

  EXPECT_EQ(client.Read()->headers.at("connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, ClosesAfterAnOldClientUnlessItAsksToStay) {
  Start();
  Client leaves(port());
  Client stays(port());

  leaves.Send("GET / HTTP/1.0\r\n\r\n");
  stays.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_THAT(leaves.ReadToEnd(), HasSubstr("hello"));
  EXPECT_EQ(stays.Read()->headers.at("connection"), "keep-alive");
  EXPECT_THAT(stays.Get("/"), HasStatus(200));
}

TEST_F(HttpServerTest, AnswersInTheOrderOfTheRequests) {
  std::vector<std::thread> threads;
  handler_.Do([&threads](const Request& request, Reply reply) {
    // Every other answer comes later and from elsewhere.
    if (request.path.back() % 2 == 0) return reply.Send({.body = request.path});
    threads.emplace_back(
        [path = request.path, reply = std::move(reply)]() mutable { reply.Send({.body = path}); });
  });
  Start();
  Client client(port());
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += GetRequest(base::StrCat("/", i));

  client.Send(requests);

  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.Read()->body, base::StrCat("/", i));
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerTest, SaysContinueOnlyToThoseWhoWait) {
  handler_.Do([](Request request, Reply reply) { reply.Send({.body = std::move(request.body)}); });
  Start();
  Client client(port());

  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.Read(), HasStatus(100));
  client.Send("ab");
  EXPECT_EQ(client.Read()->body, "ab");
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\ncd");
  EXPECT_EQ(client.Read()->body, "cd");
}

TEST_F(HttpServerTest, SendsLargeBodiesWhole) {
  const std::string body(size_t{8} << 20, 'b');
  handler_.Do([&body](const Request&, Reply reply) { reply.Send({.body = body}); });
  Start();
  Client client(port(), {.receive_buffer = 4096});

  EXPECT_EQ(client.Get("/")->body, body);
}

TEST_F(HttpServerTest, AnswersADroppedReplyWith500) {
  handler_.Do([](const Request&, const Reply&) {});
  Start();
  Client client(port());

  EXPECT_THAT(client.Get("/"), HasStatus(500));
  EXPECT_THAT(client.Get("/"), HasStatus(500));
}

TEST_F(HttpServerTest, AnswersALateReplyOfAnotherThread) {
  std::optional<Reply> kept;
  std::atomic<bool> has_it = false;
  handler_.Do([&](const Request&, Reply reply) {
    kept.emplace(std::move(reply));
    has_it = true;
  });
  Start();
  Client client(port());

  client.Send(GetRequest("/"));
  ASSERT_TRUE(Await([&] { return has_it.load(); }));
  kept->Send({.body = "late"});

  EXPECT_EQ(client.Read()->body, "late");
}

TEST_F(HttpServerTest, LetsNoHeaderIntoAnother) {
  handler_.Do([](const Request&, Reply reply) {
    reply.Send({.headers = {{"Location", "/\r\nSet-Cookie: stolen"}}});
  });
  Start();
  Client client(port());

  client.Send(GetRequest("/", "Connection: close\r\n"));

  EXPECT_THAT(client.ReadToEnd(), AllOf(HasSubstr("HTTP/1.1 500 "), Not(HasSubstr("Set-Cookie"))));
}

TEST_F(HttpServerTest, ServesOnSeveralThreads) {
  Start({.threads = 3});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 9; ++i) clients.push_back(std::make_unique<Client>(port()));

  for (const auto& client : clients) EXPECT_THAT(client->Get("/"), HasStatus(200));
}

TEST_F(HttpServerTest, ListensOnIpv6) {
  const auto server = HttpServer::Start({.address = "::1"}, handler_);
  if (!server.ok()) GTEST_SKIP() << "this machine has no IPv6: " << server.status();

  EXPECT_EQ((*server)->address(), base::StrCat("[::1]:", (*server)->port()));
}

TEST_F(HttpServerTest, ForgetsAClientThatLeftBeforeItsAnswer) {
  std::vector<Reply> kept;
  std::atomic<size_t> held = 0;
  handler_.Do([&](const Request&, Reply reply) {
    kept.push_back(std::move(reply));
    ++held;
  });
  Start();
  for (int i = 0; i < 10; ++i) {
    Client client(port());
    client.Send(GetRequest("/"));
    ASSERT_TRUE(Await([&] { return held == static_cast<size_t>(i) + 1; }));
    client.Reset();
  }

  for (Reply& reply : kept) reply.Send({});

  EXPECT_TRUE(Await([&] { return server_->connections() == 0; }));
}

}  // namespace
}  // namespace muster::net::server
