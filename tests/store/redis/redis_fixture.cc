#include "tests/store/redis/redis_fixture.h"

#include <csignal>
#include <optional>

#include "tests/support/real_part.h"

namespace muster::store::redis {
namespace {

std::optional<support::RedisServer>& SharedSlot() {
  static std::optional<support::RedisServer> server;
  return server;
}

class SharedServerEnvironment final : public testing::Environment {
 public:
  void SetUp() override {
    // As the programs do.
    std::signal(SIGPIPE, SIG_IGN);
    MUSTER_NEED_PART(support::RedisServer::IsInstalled(), "redis-server");
    SharedSlot().emplace();
  }
  void TearDown() override { SharedSlot().reset(); }
};

const testing::Environment* const kEnvironment =
    testing::AddGlobalTestEnvironment(new SharedServerEnvironment);

}  // namespace

support::RedisServer& SharedServer() { return *SharedSlot(); }

std::string NewPrefix() {
  static int count = 0;
  return "test" + std::to_string(++count) + ":";
}

RedisConnection::Options ConnectionTo(const support::RedisServer& server) {
  return {.address = {.host = "127.0.0.1", .port = server.port()},
          .connect_timeout = kPatience,
          .call_timeout = kPatience};
}

RedisStore::Options StoreOn(const support::RedisServer& server, const std::string& prefix) {
  return {.pool = {.connection = ConnectionTo(server), .max_wait = kPatience}, .prefix = prefix};
}

RedisBus::Options BusOn(const support::RedisServer& server, const std::string& prefix) {
  return {.connection = ConnectionTo(server), .prefix = prefix, .max_silence = kPatience};
}

std::string Ask(const support::RedisServer& server, const RedisArgs& command) {
  const auto connection = RedisConnection::Open(ConnectionTo(server));
  if (!connection.ok()) {
    ADD_FAILURE() << connection.status();
    return "";
  }
  const auto reply = (*connection)->Call(command);
  if (!reply.ok()) {
    ADD_FAILURE() << reply.status();
    return "";
  }
  const RedisValue value = reply->value();
  return value.text().empty() ? std::to_string(value.integer()) : std::string(value.text());
}

}  // namespace muster::store::redis
