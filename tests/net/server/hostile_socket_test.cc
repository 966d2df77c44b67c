#include <chrono>
#include <memory>
#include <string>

#include "tests/net/server/server_fixture.h"

namespace muster::net::server {
namespace {

using std::chrono::milliseconds;
using testing::SizeIs;

TEST_F(HttpServerTest, RefusesBinaryMessages) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");

  client.Send(Frame{.opcode = Frame::kBinary, .payload = "b"});

  EXPECT_EQ(client.ReadCloseCode(), 1003);
  EXPECT_TRUE(log_.messages().empty());
}

TEST_F(HttpServerTest, RefusesTextThatIsNoUtf8) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");

  client.SendText("\xC3\x28");

  EXPECT_EQ(client.ReadCloseCode(), 1007);
  EXPECT_TRUE(log_.messages().empty());
}

TEST_F(HttpServerTest, RefusesFramesWithoutAMask) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");

  client.Send(Frame{.payload = "a", .masked = false});

  EXPECT_EQ(client.ReadCloseCode(), 1002);
}

TEST_F(HttpServerTest, RefusesFramesBeforeTheUpgrade) {
  StartWebSockets();
  Client client(port());
  const std::string early = "\x81\x80";

  client.Send(GetRequest("/",
                         "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
                         "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
              early);

  EXPECT_THAT(client.Read(), HasStatus(400));
  EXPECT_EQ(log_.opened(), 0);
}

TEST_F(HttpServerTest, RefusesALongMessage) {
  StartWebSockets({.max_socket_message_bytes = 100});
  Client client(port());
  client.Upgrade("/");

  client.SendText(std::string(100, 'a'));
  EXPECT_THAT(client.ReadFrame()->payload, SizeIs(100));
  client.SendText(std::string(101, 'a'));

  EXPECT_EQ(client.ReadCloseCode(), 1009);
  EXPECT_TRUE(Await([&] { return Refusals(Refusal::kSocketMessageTooLong) == 1; }));
}

TEST_F(HttpServerTest, RefusesALongMessageInSmallFragments) {
  StartWebSockets({.max_socket_message_bytes = 100});
  Client client(port());
  client.Upgrade("/");

  client.Send(Frame{.payload = "a", .final = false});
  for (int i = 0; i < 200; ++i) {
    client.Send(Frame{.opcode = Frame::kContinuation, .payload = "a", .final = false});
  }

  EXPECT_EQ(client.ReadCloseCode(), 1009);
  client.Close();
  EXPECT_TRUE(Await([&] { return Refusals(Refusal::kSocketMessageTooLong) == 1; }));
}

TEST_F(HttpServerTest, RefusesALengthThatNobodyHas) {
  StartWebSockets();
  Client client(port());
  client.Upgrade("/");

  client.Send(std::string_view("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x02\x03\x04", 14));

  EXPECT_EQ(client.ReadCloseCode(), 1009);
}

TEST_F(HttpServerTest, ClosesAWebSocketThatWritesTooMuch) {
  StartWebSockets({.max_socket_messages_per_second = 10});
  Client client(port());
  client.Upgrade("/");

  for (int i = 0; i < 1000; ++i) client.SendText("flood");

  EXPECT_EQ(client.ReadCloseCode(), 1008);
  EXPECT_EQ(Refusals(Refusal::kSocketTooManyMessages), 1);
}

TEST_F(HttpServerTest, ClosesAWebSocketThatPingsTooMuch) {
  StartWebSockets({.max_socket_messages_per_second = 10});
  Client client(port());
  client.Upgrade("/");

  for (int i = 0; i < 1000; ++i) client.Send(Frame{.opcode = Frame::kPing});

  EXPECT_EQ(client.ReadCloseCode(), 1008);
}

TEST_F(HttpServerTest, CutsAWebSocketThatReadsTooSlowly) {
  StartWebSockets({.write_timeout = milliseconds(300), .max_socket_queue = 4});
  Client client(port(), {.receive_buffer = 4096});
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));
  const auto text = std::make_shared<const std::string>(size_t{4} << 20, 't');

  ASSERT_TRUE(Await([&] { return !log_.socket()->Send(text); }));

  EXPECT_TRUE(Await([&] { return log_.closed() == 1; }));
  EXPECT_EQ(Refusals(Refusal::kSocketQueueFull), 1);
  EXPECT_EQ(server_->web_sockets(), 0U);
}

TEST_F(HttpServerTest, TellsAReaderThatWokeUpWhyItIsCut) {
  StartWebSockets({.max_socket_queue = 4});
  Client client(port(), {.receive_buffer = 4096});
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));
  const auto text = std::make_shared<const std::string>(size_t{1} << 20, 't');

  ASSERT_TRUE(Await([&] { return !log_.socket()->Send(text); }));

  EXPECT_EQ(client.ReadCloseCode(), 1013);
  EXPECT_EQ(Refusals(Refusal::kSocketQueueFull), 1);
}

TEST_F(HttpServerTest, CutsAWebSocketThatIgnoresItsClosing) {
  StartWebSockets({.write_timeout = milliseconds(200)});
  Client client(port());
  client.Upgrade("/");
  ASSERT_TRUE(Await([&] { return log_.opened() == 1; }));

  log_.socket()->Close(CloseCode::kNormal, "");

  EXPECT_EQ(client.ReadCloseCode(), 1000);
  EXPECT_TRUE(Await([&] { return log_.closed() == 1; }));
}

}  // namespace
}  // namespace muster::net::server
