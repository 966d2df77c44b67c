#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/strings.h"
#include "tests/net/server/server_fixture.h"

namespace muster::net::server {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const std::string> Text(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

TEST_F(HttpServerTest, SpeaksWebSocket) {
  StartWebSockets();
  Client client(port());

  const auto upgraded = client.Upgrade("/");
  ASSERT_THAT(upgraded, HasStatus(101));
  // The example of RFC 6455, section 1.3.
  EXPECT_EQ(upgraded->headers.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  client.SendText("ping");

  EXPECT_EQ(client.ReadFrame()->payload, "ping");
  EXPECT_EQ(server_->web_sockets(), 1U);
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerTest, TellsAWebSocketsOwnerItsLife) {
  StartWebSockets();
  {
    Client client(port());
    client.Upgrade("/");
    client.SendText("a");
    client.SendText("b");
    ASSERT_TRUE(Await([&] { return log_.messages().size() == 2; }));
  }

  EXPECT_TRUE(Await([&] { return log_.closed() == 1; }));
  EXPECT_EQ(log_.opened(), 1);
  EXPECT_THAT(log_.messages(), ElementsAre("a", "b"));
  EXPECT_TRUE(Await([&] { return server_->connections() == 0; }));
  EXPECT_EQ(server_->web_sockets(), 0U);
  EXPECT_FALSE(log_.socket()->Send(Text("late")));
}

TEST_F(HttpServerTest, SendsTextsOfAnyThreadInOrder) {
  StartWebSockets({.max_socket_queue = 2000});
  Client client(port());
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));

  std::thread sender([&] {
    for (int i = 0; i < 1000; ++i) log_.socket()->Send(Text(base::StrCat(i)));
  });

  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.ReadFrame()->payload, base::StrCat(i));
  sender.join();
}

TEST_F(HttpServerTest, SendsWhatIsQueuedBeforeItCloses) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));

  log_.socket()->Send(Text("last words"));
  log_.socket()->Close(4001, "enough");

  EXPECT_FALSE(log_.socket()->Send(Text("later")));
  EXPECT_EQ(client.ReadFrame()->payload, "last words");
  const auto closing = client.ReadFrame();
  EXPECT_EQ(closing->close_code(), 4001);
  EXPECT_THAT(closing->payload, HasSubstr("enough"));
  client.Send(Frame{.opcode = Frame::kClose, .payload = closing->payload});
  EXPECT_TRUE(client.IsClosed());
  EXPECT_TRUE(Await([&] { return log_.closed() == 1; }));
}

TEST_F(HttpServerTest, CutsAReasonThatIsTooLong) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));

  // The 123rd byte is the first half of a character.
  log_.socket()->Close(CloseCode::kNormal, std::string(122, 'r') + "\xC3\xA4 and more");

  EXPECT_EQ(client.ReadFrame()->payload.substr(2), std::string(122, 'r'));
}

TEST_F(HttpServerTest, SharesOneTextAmongSockets) {
  StartWebSockets();
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::shared_ptr<WebSocket>> sockets;
  for (int i = 1; i <= 5; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->Upgrade("/");
    ASSERT_TRUE(Await([&] { return log_.opened() == i; }));
    sockets.push_back(log_.socket());
  }

  const auto text = Text("to all");
  for (const auto& socket : sockets) EXPECT_TRUE(socket->Send(text));

  for (const auto& client : clients) EXPECT_EQ(client->ReadFrame()->payload, "to all");
}

TEST_F(HttpServerTest, AnswersPingAndClose) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");

  client.Send(Frame{.opcode = Frame::kPing, .payload = "p"});
  const auto pong = client.ReadFrame();
  client.Send(Frame{.opcode = Frame::kClose, .payload = "\x03\xE8"});

  EXPECT_EQ(pong->opcode, Frame::kPong);
  EXPECT_EQ(pong->payload, "p");
  EXPECT_EQ(client.ReadCloseCode(), 1000);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, PutsFragmentsTogether) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");

  client.Send(Frame{.payload = "a", .final = false});
  client.Send(Frame{.opcode = Frame::kPing});
  client.Send(Frame{.opcode = Frame::kContinuation, .payload = "b"});

  EXPECT_EQ(client.ReadFrame()->opcode, Frame::kPong);
  EXPECT_EQ(client.ReadFrame()->payload, "ab");
}

TEST_F(HttpServerTest, PingsAndThenClosesASilentWebSocket) {
  StartWebSockets({.socket_idle_timeout = milliseconds(400)});
  Client client(port());
  client.Upgrade("/");

  EXPECT_EQ(client.ReadFrame()->opcode, Frame::kPing);
  EXPECT_TRUE(client.IsClosed());
  EXPECT_TRUE(Await([&] { return log_.closed() == 1; }));
}

TEST_F(HttpServerTest, KeepsAWebSocketThatAnswersPings) {
  StartWebSockets({.max_socket_messages_per_second = 0, .socket_idle_timeout = milliseconds(500)});
  Client client(port());
  client.Upgrade("/");

  for (int i = 0; i < 4; ++i) {
    const auto ping = client.ReadFrame();
    ASSERT_TRUE(ping && ping->opcode == Frame::kPing);
    client.Send(Frame{.opcode = Frame::kPong, .payload = ping->payload});
  }

  EXPECT_EQ(log_.closed(), 0);
}

TEST_F(HttpServerTest, MayAnswerAnUpgradeAsARequest) {
  Start();
  Client client(port());

  EXPECT_THAT(client.Upgrade("/"), HasStatus(200));
  EXPECT_THAT(client.Get("/"), HasStatus(200));
}

TEST_F(HttpServerTest, MayAcceptLaterFromAnotherThread) {
  std::thread thread;
  handler_.Do([&](const Request&, Reply reply) {
    thread =
        std::thread([&, reply = std::move(reply)]() mutable { reply.Accept(log_.NewHandler()); });
  });
  Start();
  Client client(port());

  EXPECT_THAT(client.Upgrade("/"), HasStatus(101));
  thread.join();
}

TEST_F(HttpServerTest, AcceptsOnlyWhatWantsToBeAWebSocket) {
  StartWebSockets();
  Client client(port());

  EXPECT_THAT(client.Get("/"), HasStatus(500));
  EXPECT_EQ(log_.opened(), 0);
}

TEST_F(HttpServerTest, SpeaksOneVersionOfWebSocket) {
  StartWebSockets();
  Client client(port());

  client.Send(
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

  const auto response = client.Read();
  ASSERT_THAT(response, HasStatus(426));
  EXPECT_EQ(response->headers.at("sec-websocket-version"), "13");
  EXPECT_EQ(handler_.calls(), 0);
}

}  // namespace
}  // namespace muster::net::server
