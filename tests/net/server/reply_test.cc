#include <optional>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "net/server/http_server.h"

namespace muster::net::server {
namespace {

class RecordingSink final : public Reply::Sink {
 public:
  void Send(Response response) override {
    ++sent;
    last = std::move(response);
  }
  void Accept(std::unique_ptr<WebSocketHandler> /*handler*/) override { ++accepted; }

  int sent = 0;
  int accepted = 0;
  Response last;
};

TEST(Reply, GoesToItsSinkOnce) {
  const auto sink = std::make_shared<RecordingSink>();
  {
    Reply reply(sink);
    reply.Send({.status = 202});
  }

  EXPECT_EQ(sink->sent, 1);
  EXPECT_EQ(sink->last.status, 202);
}

TEST(Reply, ThatIsDroppedIsA500) {
  const auto sink = std::make_shared<RecordingSink>();

  { const Reply reply(sink); }

  EXPECT_EQ(sink->sent, 1);
  EXPECT_EQ(sink->last.status, 500);
}

TEST(Reply, ThatWasMovedFromOwesNothing) {
  const auto sink = std::make_shared<RecordingSink>();
  {
    Reply first(sink);
    Reply second(std::move(first));
    second.Accept(nullptr);
  }

  EXPECT_EQ(sink->accepted, 1);
  EXPECT_EQ(sink->sent, 0);
}

TEST(Refusal, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kRefusals; ++i) names.insert(RefusalName(static_cast<Refusal>(i)));

  EXPECT_EQ(names.size(), kRefusals);
  EXPECT_EQ(RefusalName(Refusal::kHeadTooLong), "head_too_long");
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(Request, FindsHeadersInAnyCase) {
  const Request request = {.headers = {{"Host", "a"}, {"host", "b"}}};

  EXPECT_EQ(request.Header("HOST"), "a");
  EXPECT_EQ(request.Header("Accept"), std::nullopt);
}

}  // namespace
}  // namespace muster::net::server
