#include "net/server/response_text.h"

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::net::server {
namespace {

std::string HeadOf(const Response& response, const HeadOptions& options) {
  std::string head;
  AppendHead(response, options, head);
  return head;
}

TEST(ResponseText, IsAHeadWithLengthDateAndServer) {
  const Response response = {
      .status = 201, .content_type = "text/plain", .body = "four", .headers = {{"X-A", "b"}}};

  EXPECT_EQ(HeadOf(response, {.date = "now"}),
            "HTTP/1.1 201 Created\r\nServer: muster\r\nDate: now\r\nContent-Type: text/plain\r\n"
            "Content-Length: 4\r\nX-A: b\r\n\r\n");
}

TEST(ResponseText, TellsWhetherTheConnectionStays) {
  EXPECT_THAT(HeadOf({}, {.keep_alive = false}), testing::HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(HeadOf({}, {.old_client = true}),
              testing::HasSubstr("\r\nConnection: keep-alive\r\n"));
  EXPECT_THAT(HeadOf({}, {}), testing::Not(testing::HasSubstr("Connection")));
}

TEST(ResponseText, AnnouncesNoBodyWhereThereCanBeNone) {
  EXPECT_THAT(HeadOf({.status = 204}, {}), testing::Not(testing::HasSubstr("Content-Length")));
}

struct Case {
  std::string name;
  Response response;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

class UnsendableResponse : public testing::TestWithParam<Case> {};

TEST_P(UnsendableResponse, IsKnown) { EXPECT_FALSE(IsSendable(GetParam().response)); }

INSTANTIATE_TEST_SUITE_P(
    All, UnsendableResponse,
    testing::Values(Case{"line end in a value", {.headers = {{"X", "a\r\nSet-Cookie: b"}}}},
                    Case{"bare line feed in a value", {.headers = {{"X", "a\nb"}}}},
                    Case{"zero in a value", {.headers = {{"X", std::string(1, '\0')}}}},
                    Case{"line end in a name", {.headers = {{"X\r\nY", "a"}}}},
                    Case{"blank in a name", {.headers = {{"X Y", "a"}}}},
                    Case{"empty name", {.headers = {{"", "a"}}}},
                    Case{"line end in the type", {.content_type = "a\r\nb"}},
                    Case{"own length", {.headers = {{"content-length", "3"}}}},
                    Case{"own encoding", {.headers = {{"Transfer-Encoding", "chunked"}}}},
                    Case{"interim status", {.status = 100}}, Case{"no status", {.status = 0}},
                    Case{"status too high", {.status = 600}}));

TEST(ResponseText, LetsUsualResponsesPass) {
  EXPECT_TRUE(IsSendable({.headers = {{"Retry-After", "1"}, {"X-Text", "a\tb \xC3\xA4"}}}));
}

}  // namespace
}  // namespace muster::net::server
