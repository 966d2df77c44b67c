#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/net/server/server_fixture.h"

namespace muster::net::server {
namespace {

using std::chrono::milliseconds;

// Far longer than any test takes.
constexpr milliseconds kLong{60'000};

class DrainTest : public HttpServerTest {
 protected:
  // Answers come when the test says so.
  void StartHolding(HttpServer::Options options = {}) {
    handler_.Do([this](const Request&, Reply reply) {
      const base::MutexLock lock(&mutex_);
      held_.push_back(std::move(reply));
    });
    Start(std::move(options));
  }
  size_t held() {
    const base::MutexLock lock(&mutex_);
    return held_.size();
  }
  std::vector<Reply> Held() {
    const base::MutexLock lock(&mutex_);
    return std::move(held_);
  }

 private:
  base::Mutex mutex_;
  std::vector<Reply> held_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(DrainTest, EndsIdleConnectionsAtOnce) {
  Start();
  Client unused(port());
  Client used(port());
  used.Get("/");

  server_->Stop(kLong);

  EXPECT_TRUE(unused.IsClosed());
  EXPECT_TRUE(used.IsClosed());
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(DrainTest, TakesNoMoreConnections) {
  Start();
  const int port_before = port();

  server_->Stop(kLong);

  EXPECT_FALSE(Client(port_before).connected());
}

TEST_F(DrainTest, LetsAnswersUnderWayGoOut) {
  StartHolding();
  Client client(port());
  client.Send(GetRequest("/") + GetRequest("/never"));
  ASSERT_TRUE(Await([&] { return held() == 1; }));

  std::thread stopper([&] { server_->Stop(kLong); });
  ASSERT_TRUE(Await([&] { return !Client(port()).connected(); }));
  Held().front().Send({.body = "done"});
  const auto response = client.Read();
  stopper.join();

  ASSERT_THAT(response, HasStatus(200));
  EXPECT_EQ(response->body, "done");
  EXPECT_EQ(handler_.calls(), 1);
}

TEST_F(DrainTest, CutsWhatIsLeftAfterTheGrace) {
  StartHolding({.threads = 2});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->Send(GetRequest("/"));
  }
  ASSERT_TRUE(Await([&] { return held() == 6; }));

  server_->Stop(milliseconds(50));

  for (const auto& client : clients) EXPECT_TRUE(client->IsClosed());
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(DrainTest, RepliesOutliveTheServer) {
  StartHolding();
  Client client(port());
  client.Send(GetRequest("/"));
  ASSERT_TRUE(Await([&] { return held() == 1; }));

  std::vector<Reply> held = Held();
  server_.reset();
  held.front().Send({.body = "too late"});

  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(DrainTest, SocketsOutliveTheServer) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));

  server_.reset();

  EXPECT_EQ(log_.closed(), 1);
  EXPECT_FALSE(log_.socket()->Send(std::make_shared<const std::string>("late")));
  log_.socket()->Close(CloseCode::kNormal, "");
}

TEST_F(DrainTest, ClosesWebSocketsWithGoingAway) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));

  std::thread stopper([&] { server_->Stop(kLong); });
  const int code = client.ReadCloseCode();
  client.Send(Frame{.opcode = Frame::kClose, .payload = "\x03\xE9"});
  stopper.join();

  EXPECT_EQ(code, 1001);
  EXPECT_EQ(log_.closed(), 1);
}

TEST_F(DrainTest, CutsWebSocketsAfterTheGrace) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));

  server_->Stop(milliseconds(50));

  EXPECT_EQ(client.ReadCloseCode(), 1001);
  EXPECT_TRUE(client.IsClosed());
  EXPECT_EQ(log_.closed(), 1);
}

TEST_F(DrainTest, MayBeAskedTwice) {
  Start();

  std::thread other([&] { server_->Stop(milliseconds(10)); });
  server_->Stop(milliseconds(10));
  other.join();
  server_->Stop(milliseconds(10));

  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(DrainTest, CallsNobodyOnceItHasStopped) {
  for (int round = 0; round < 10; ++round) {
    Start({.threads = 2});
    std::atomic<bool> over = false;
    std::thread load([&, port = port()] {
      while (!over) Client(port).Get("/");
    });
    const int before = handler_.calls();
    ASSERT_TRUE(Await([&] { return handler_.calls() > before + 5; }));

    server_->Stop(milliseconds(round % 3));
    const int after = handler_.calls();
    EXPECT_EQ(handler_.running(), 0);

    over = true;
    load.join();
    EXPECT_EQ(handler_.calls(), after);
  }
}

}  // namespace
}  // namespace muster::net::server
