#include "net/server/request_parser.h"

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::net::server {
namespace {

using Progress = RequestParser::Progress;
using testing::HasSubstr;

constexpr RequestParser::Limits kLimits = {.max_head_bytes = 400, .max_body_bytes = 10};

// To the end of the request, or as far as it goes.
Progress ParseAll(RequestParser& parser, std::string_view bytes) {
  Progress progress = parser.Parse(bytes);
  if (progress == Progress::kHead) progress = parser.Parse(bytes);
  return progress;
}

TEST(RequestParser, ReadsARequest) {
  RequestParser parser(kLimits);

  const Progress progress =
      ParseAll(parser, "POST /a%20b?c=d&e HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz");

  EXPECT_EQ(progress, Progress::kDone);
  const Request& request = parser.request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/a%20b");
  EXPECT_EQ(request.query, "c=d&e");
  EXPECT_EQ(request.Header("host"), "h");
  EXPECT_EQ(request.body, "xyz");
  EXPECT_TRUE(parser.keep_alive());
}

TEST(RequestParser, ReadsByteByByte) {
  const std::string text =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer: t\r\n\r\n";
  RequestParser parser(kLimits);
  std::string unread;
  Progress progress = Progress::kNeedMore;
  for (const char byte : text) {
    unread += byte;
    std::string_view bytes = unread;
    progress = parser.Parse(bytes);
    unread.erase(0, unread.size() - bytes.size());
  }

  EXPECT_EQ(progress, Progress::kDone);
  EXPECT_EQ(parser.request().body, "abc");
  EXPECT_EQ(parser.request().Header("Trailer"), std::nullopt);
}

TEST(RequestParser, LeavesTheNextRequest) {
  std::string_view bytes =
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n";
  RequestParser parser(kLimits);

  EXPECT_EQ(parser.Parse(bytes), Progress::kDone);
  parser.Reset();
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.Parse(bytes), Progress::kDone);

  EXPECT_EQ(parser.request().path, "/b");
  EXPECT_EQ(bytes, "");
}

TEST(RequestParser, TellsTheHeadBeforeTheBody) {
  std::string_view bytes =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
  RequestParser parser(kLimits);

  EXPECT_EQ(parser.Parse(bytes), Progress::kHead);
  EXPECT_TRUE(parser.expects_continue());
  EXPECT_EQ(parser.Parse(bytes), Progress::kNeedMore);
}

TEST(RequestParser, KnowsOldClients) {
  RequestParser parser(kLimits);

  EXPECT_EQ(ParseAll(parser, "GET / HTTP/1.0\r\n\r\n"), Progress::kDone);
  EXPECT_TRUE(parser.is_old());
  EXPECT_FALSE(parser.keep_alive());
}

TEST(RequestParser, ReducesAnAbsoluteTargetToItsPath) {
  RequestParser parser(kLimits);

  EXPECT_EQ(ParseAll(parser, "GET http://other:80/a?b HTTP/1.1\r\nHost: h\r\n\r\n"),
            Progress::kDone);
  EXPECT_EQ(parser.request().path, "/a");
  EXPECT_EQ(parser.request().query, "b");
}

TEST(RequestParser, KnowsWhoWantsAWebSocket) {
  RequestParser parser(kLimits);

  ParseAll(parser,
           "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

  EXPECT_TRUE(parser.request().wants_web_socket);
}

struct Case {
  std::string name;
  std::string bytes;
  Progress progress = Progress::kMalformed;
  std::string problem;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

class RefusedRequest : public testing::TestWithParam<Case> {};

TEST_P(RefusedRequest, IsToldWhy) {
  RequestParser parser(kLimits);

  EXPECT_EQ(ParseAll(parser, GetParam().bytes), GetParam().progress);
  EXPECT_THAT(parser.problem(), HasSubstr(GetParam().problem));
}

// A POST with these headers and body.
std::string Post(const std::string& headers, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedRequest,
    testing::Values(
        Case{"garbage", "\x16\x03\x01\x02", Progress::kMalformed, "method"},
        Case{"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", Progress::kMalformed, "version"},
        Case{"bare line feed in a header", Post("A: b\nC: d\r\n"), Progress::kMalformed, "value"},
        Case{"a later version", "GET / HTTP/2.0\r\n\r\n", Progress::kMalformed, "version"},
        Case{"no host", "GET / HTTP/1.1\r\n\r\n", Progress::kMalformed, "no Host"},
        Case{"two hosts", Post("Host: i\r\n"), Progress::kMalformed, "two Host"},
        Case{"blank before the colon", Post("A : b\r\n"), Progress::kMalformed, "field"},
        Case{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", Progress::kMalformed, "no path"},
        Case{"tunnel", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", Progress::kMalformed, "no path"},
        Case{"fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", Progress::kMalformed, "#"},
        Case{"two lengths", Post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
             Progress::kMalformed, "two lengths"},
        Case{"a list of lengths", Post("Content-Length: 3, 3\r\n", "abc"), Progress::kMalformed,
             "two lengths"},
        Case{"a negative length", Post("Content-Length: -3\r\n"), Progress::kMalformed, "ength"},
        Case{"length and chunks", Post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
             Progress::kMalformed, "ransfer"},
        Case{"chunks and length", Post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
             Progress::kMalformed, "ength"},
        Case{"encoding that hides", Post("Transfer-Encoding: xchunked\r\n"), Progress::kMalformed,
             "other than chunked"},
        Case{"chunks inside gzip", Post("Transfer-Encoding: gzip, chunked\r\n"),
             Progress::kMalformed, "other than chunked"},
        Case{"chunks of an old client",
             "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Progress::kMalformed,
             "other than chunked"},
        Case{"chunk without a size", Post("Transfer-Encoding: chunked\r\n", "xyz\r\n"),
             Progress::kMalformed, "chunk"},
        Case{"chunk of another size",
             Post("Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n0\r\n\r\n"), Progress::kMalformed,
             "chunk"},
        Case{"chunk beyond numbers",
             Post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"), Progress::kMalformed,
             "chunk"},
        Case{"long head", Post("A: " + std::string(400, 'a') + "\r\n"), Progress::kHeadTooLong, ""},
        Case{"long head without an end", "GET /" + std::string(500, 'a'), Progress::kHeadTooLong,
             ""},
        Case{"long body", Post("Content-Length: 11\r\n"), Progress::kBodyTooLong, ""},
        Case{"long chunks", Post("Transfer-Encoding: chunked\r\n", "6\r\nabcdef\r\n5\r\nabcde\r\n"),
             Progress::kBodyTooLong, ""},
        Case{"upgrade without a key",
             "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
             Progress::kMalformed, "Sec-WebSocket-Key"},
        Case{"upgrade with a body",
             "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 1\r\n\r\nx",
             Progress::kMalformed, "with a body"}));

}  // namespace
}  // namespace muster::net::server
