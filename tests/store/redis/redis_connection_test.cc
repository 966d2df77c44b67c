#include "store/redis/redis_connection.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/store/redis/redis_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::store::redis {
namespace {

using std::chrono::milliseconds;
using support::IsOk;
using support::RedisServer;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

const RedisScript& Echo() {
  static const RedisScript script{"return {KEYS[1], ARGV[1]}"};
  return script;
}

std::unique_ptr<RedisConnection> Connect(const RedisServer& server) {
  return *RedisConnection::Open(ConnectionTo(server));
}

TEST(RedisConnection, CarriesAnyBytesThereAndBack) {
  const std::string bytes("a\0b\r\n\xff $9", 10);
  const auto connection = Connect(SharedServer());

  const auto reply = connection->Call({"ECHO", bytes});

  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->value().text(), bytes);
}

TEST(RedisConnection, AnErrorOfTheServerNamesItAndBreaksNothing) {
  const auto connection = Connect(SharedServer());

  const auto reply = connection->Call({"NO", "SUCH"});

  EXPECT_THAT(reply, StatusIs(kUnavailable, AllOf(HasSubstr("redis at 127.0.0.1:" +
                                                            std::to_string(SharedServer().port())),
                                                  HasSubstr("unknown command"))));
  EXPECT_FALSE(connection->broken());
  EXPECT_THAT(connection->Call({"PING"}), IsOk());
}

TEST(RedisConnection, RunsAScriptThatTheServerHasForgotten) {
  const auto connection = Connect(SharedServer());
  ASSERT_THAT(connection->Eval(Echo(), {"k"}, {"1"}), IsOk());
  Ask(SharedServer(), {"SCRIPT", "FLUSH"});

  const auto reply = connection->Eval(Echo(), {"k"}, {"2"});

  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->value()[0].text(), "k");
  EXPECT_EQ(reply->value()[1].integer(), 2);
}

TEST(RedisConnection, SendsAScriptsTextOnlyOnce) {
  const auto connection = Connect(SharedServer());
  Ask(SharedServer(), {"CONFIG", "RESETSTAT"});

  for (int i = 0; i < 3; ++i) ASSERT_THAT(connection->Eval(Echo(), {"k"}, {"1"}), IsOk());

  const std::string stats = Ask(SharedServer(), {"INFO", "commandstats"});
  EXPECT_THAT(stats, HasSubstr("cmdstat_script|load:calls=1,"));
  EXPECT_THAT(stats, HasSubstr("cmdstat_evalsha:calls=3,"));
  EXPECT_THAT(stats, Not(HasSubstr("cmdstat_eval:")));
}

TEST(RedisConnection, TakesTheDatabaseOfItsAddress) {
  auto options = ConnectionTo(SharedServer());
  options.address.database = 3;
  const auto connection = *RedisConnection::Open(options);
  const std::string key = NewPrefix();

  ASSERT_THAT(connection->Call({"SET", key, "1"}), IsOk());

  EXPECT_EQ(Ask(SharedServer(), {"EXISTS", key}), "0");
}

TEST(RedisConnection, ADatabaseThatIsNotThereIsAnError) {
  auto options = ConnectionTo(SharedServer());
  options.address.database = 1000;

  EXPECT_THAT(RedisConnection::Open(options),
              StatusIs(kUnavailable, HasSubstr("DB index is out of range")));
}

TEST(RedisConnection, AnAddressWithoutAServerIsAnError) {
  RedisServer server;
  server.Stop();

  EXPECT_THAT(RedisConnection::Open(ConnectionTo(server)),
              StatusIs(kUnavailable, HasSubstr("cannot connect")));
}

TEST(RedisConnection, AnAnswerThatDoesNotComeBreaksIt) {
  RedisServer server;
  auto options = ConnectionTo(server);
  options.call_timeout = milliseconds(200);
  const auto connection = *RedisConnection::Open(options);
  server.Pause();

  EXPECT_THAT(connection->Call({"ECHO", "1"}),
              StatusIs(kUnavailable, HasSubstr("no answer within 200 ms")));
  server.Resume();

  EXPECT_TRUE(connection->broken());
  EXPECT_THAT(connection->Call({"ECHO", "2"}), StatusIs(kUnavailable, HasSubstr("broke")));
}

TEST(RedisConnection, AServerThatTakesConnectionsOnlyIsAnError) {
  RedisServer server;
  auto options = ConnectionTo(server);
  options.call_timeout = milliseconds(200);
  server.Pause();

  EXPECT_THAT(RedisConnection::Open(options),
              StatusIs(kUnavailable, HasSubstr("no answer within 200 ms")));
}

TEST(RedisConnection, SilenceOfAStreamDoesNoHarm) {
  const auto connection = Connect(SharedServer());
  ASSERT_THAT(connection->SetTimeout(milliseconds(5)), IsOk());

  const auto silence = connection->ReceiveIfAny();

  ASSERT_THAT(silence, IsOk());
  EXPECT_FALSE(silence->has_value());
  ASSERT_THAT(connection->SetTimeout(kPatience), IsOk());
  EXPECT_EQ(connection->Call({"ECHO", "1"})->value().integer(), 1);
}

class RedisPassword : public testing::Test {
 protected:
  absl::Status Try(const std::string& user, const std::string& password) {
    auto options = ConnectionTo(server_);
    options.address.user = user;
    options.address.password = password;
    return RedisConnection::Open(options).status();
  }

  RedisServer server_{{.password = "sesame"}};
};

TEST_F(RedisPassword, TheRightOneLetsIn) {
  EXPECT_THAT(Try("", "sesame"), IsOk());
  EXPECT_THAT(Try("default", "sesame"), IsOk());
}

TEST_F(RedisPassword, AnotherOneIsAnErrorThatDoesNotTellIt) {
  const auto is_refusal =
      StatusIs(kUnavailable, AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("guess"))));

  EXPECT_THAT(Try("", "guess"), is_refusal);
  EXPECT_THAT(Try("ann", "guess"), is_refusal);
}

TEST_F(RedisPassword, NoneIsAnError) {
  EXPECT_THAT(Try("", ""), StatusIs(kUnavailable, HasSubstr("NOAUTH")));
}

TEST(RedisValue, AnswersEveryQuestionAboutAnyReply) {
  const auto connection = Connect(SharedServer());

  const auto reply = connection->Call({"EVAL", "return {7, '8', false, {}, 'x'}", "0"});

  ASSERT_THAT(reply, IsOk());
  const RedisValue value = reply->value();
  EXPECT_EQ(value.size(), 5U);
  EXPECT_EQ(value[0].integer(), 7);
  EXPECT_EQ(value[0].text(), "");
  EXPECT_EQ(value[1].integer(), 8);
  EXPECT_TRUE(value[2].is_nil());
  EXPECT_EQ(value[3].size(), 0U);
  EXPECT_EQ(value[4].integer(), 0);
  EXPECT_TRUE(value[5].is_nil());
  EXPECT_TRUE(value[5][0].is_nil());
  EXPECT_EQ(value[5].integer(), 0);
}

}  // namespace
}  // namespace muster::store::redis
