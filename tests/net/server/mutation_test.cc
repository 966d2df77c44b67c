#include <array>
#include <random>
#include <string>
#include <string_view>

#include "tests/net/server/server_fixture.h"

// Throws requests that were damaged at random at a live server: it must neither crash nor hang, and
// serve the next client.
namespace muster::net::server {
namespace {

using Random = std::mt19937;

constexpr std::array<std::string_view, 6> kSeeds = {
    "GET /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;a=b\r\nde\r\n"
    "0\r\nT: t\r\n\r\n",
    "HEAD http://h/ HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"};

constexpr std::array<std::string_view, 10> kPieces = {"\r\n",
                                                      "\n",
                                                      "\r",
                                                      ":",
                                                      " ",
                                                      "\x00\x01",
                                                      "Content-Length: 9\r\n",
                                                      "0\r\n\r\n",
                                                      "Transfer-Encoding: chunked\r\n",
                                                      "ffffffffffffffff"};

size_t Below(Random& random, size_t bound) {
  return std::uniform_int_distribution<size_t>(0, bound - 1)(random);
}

void Damage(std::string& text, Random& random) {
  const size_t at = Below(random, text.size());
  switch (Below(random, 4)) {
    case 0:
      text[at] = static_cast<char>(Below(random, 256));
      break;
    case 1:
      text.erase(at, 1 + Below(random, 8));
      break;
    case 2:
      text.insert(at, kPieces[Below(random, kPieces.size())]);
      break;
    default:
      text.insert(at, text.substr(Below(random, text.size()), 20));
      break;
  }
  if (text.empty()) text = "x";
}

std::string MutatedRequests(Random& random) {
  std::string text;
  for (size_t i = 0; i <= Below(random, 3); ++i) text += kSeeds[Below(random, kSeeds.size())];
  for (size_t i = 0; i <= Below(random, 5); ++i) Damage(text, random);
  return text;
}

TEST_F(HttpServerTest, SurvivesDamagedRequests) {
  handler_.Do([this](const Request& request, Reply reply) {
    if (request.wants_web_socket) return reply.Accept(log_.NewHandler());
    reply.Send({.body = request.body});
  });
  Start({.threads = 2});
  Random random(20261121);

  for (int i = 0; i < 2000; ++i) {
    Client client(port());
    const std::string text = MutatedRequests(random);
    const size_t half = Below(random, text.size());
    client.Send(std::string_view(text).substr(0, half));
    client.Send(std::string_view(text).substr(half));
    client.EndSending();
    EXPECT_TRUE(client.IsClosed()) << "request " << i << ": " << text;
  }

  EXPECT_THAT(Client(port()).Get("/"), HasStatus(200));
}

TEST_F(HttpServerTest, SurvivesDamagedFrames) {
  StartWebSockets({.threads = 2});
  Random random(20261122);

  for (int i = 0; i < 500; ++i) {
    Client client(port());
    ASSERT_THAT(client.Upgrade("/"), HasStatus(101));
    std::string frames("\x81\x83\x01\x02\x03\x04\x60\x60\x60\x89\x80\x01\x02\x03\x04", 15);
    for (size_t damages = 0; damages <= Below(random, 4); ++damages) Damage(frames, random);
    client.Send(frames);
    client.EndSending();
    EXPECT_TRUE(client.IsClosed()) << "connection " << i;
  }

  EXPECT_TRUE(Await([&] { return log_.closed() == 500; }));
}

}  // namespace
}  // namespace muster::net::server
