#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
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
    handler_.Do([this](const Request&, Reply reply) { Hold(std::move(reply)); });
    Start(std::move(options));
  }
  void Hold(Reply reply) {
    const base::MutexLock lock(&mutex_);
    held_.push_back(std::move(reply));
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

// Where a drain meets a request that becomes a WebSocket.
struct UpgradeCase {
  const char* name;
  // The drain comes when the handshake is being written; else when it was not begun.
  bool in_handshake;
  // The client is gone by then: the handshake fails.
  bool client_leaves;
};

std::ostream& operator<<(std::ostream& out, const UpgradeCase& upgrade_case) {
  return out << upgrade_case.name;
}

// Of two threads the first has the request, and is kept busy while the server begins to stop.
class DrainAtUpgradeTest : public DrainTest, public testing::WithParamInterface<UpgradeCase> {
 protected:
  void StartAndAsk() {
    handler_.Do([this](const Request& request, Reply reply) {
      if (request.wants_web_socket) return Hold(std::move(reply));
      if (GetParam().in_handshake) Held().front().Accept(log_.NewHandler());
      busy_ = true;
      Await([this] { return goes_on_.load(); });
    });
    Start({.threads = 2});
    // They get the threads in turn.
    asker_.emplace(port());
    asker_->Send(GetRequest("/", kUpgradeHeaders));
    ASSERT_TRUE(Await([&] { return held() == 1; }));
    idle_.emplace(port());
    keeper_.emplace(port());
    if (GetParam().client_leaves) asker_->Reset();
    keeper_->Send(GetRequest("/"));
    ASSERT_TRUE(Await([&] { return busy_.load(); }));
    if (!GetParam().in_handshake) Held().front().Accept(log_.NewHandler());
  }
  // Until all threads were told to drain; the first goes on from there.
  void BeginToStop() {
    stopper_ = std::thread([this] { server_->Stop(kLong); });
    // The second thread is told last.
    EXPECT_TRUE(idle_->IsClosed());
    goes_on_ = true;
  }

  static constexpr char kUpgradeHeaders[] =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  std::optional<Client> asker_;
  std::optional<Client> idle_;
  std::optional<Client> keeper_;
  std::atomic<bool> busy_ = false;
  std::atomic<bool> goes_on_ = false;
  std::thread stopper_;
};

TEST_P(DrainAtUpgradeTest, EndsTheNewSocketInOrder) {
  StartAndAsk();

  BeginToStop();
  if (!GetParam().client_leaves) {
    EXPECT_THAT(asker_->Read(), HasStatus(101));
    EXPECT_EQ(asker_->ReadCloseCode(), 1001);
    asker_->Send(Frame{.opcode = Frame::kClose, .payload = "\x03\xE9"});
    asker_->Close();
  }
  stopper_.join();

  EXPECT_EQ(log_.opened(), log_.closed());
  EXPECT_EQ(server_->connections(), 0U);
}

const UpgradeCase kUpgradeCases[] = {
    {.name = "BeforeTheHandshake", .in_handshake = false, .client_leaves = false},
    {.name = "BeforeAHandshakeThatFails", .in_handshake = false, .client_leaves = true},
    {.name = "InTheHandshake", .in_handshake = true, .client_leaves = false},
    {.name = "InAHandshakeThatFails", .in_handshake = true, .client_leaves = true},
};
INSTANTIATE_TEST_SUITE_P(Upgrades, DrainAtUpgradeTest, testing::ValuesIn(kUpgradeCases),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

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
