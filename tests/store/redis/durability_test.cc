#include "store/redis/durability.h"

#include "gmock/gmock.h"
#include "tests/store/redis/redis_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::store::redis {
namespace {

using support::IsOk;
using support::RedisServer;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Durability : public testing::Test {
 protected:
  void Set(const std::string& setting, const std::string& value) {
    Ask(server_, {"CONFIG", "SET", setting, value});
  }
  // As the lobby asks at its start.
  absl::StatusOr<std::vector<std::string>> Problems() {
    return RedisStore(StoreOn(server_, "own:"), base::Clock::System()).DurabilityProblems();
  }

  RedisServer server_{{.durable = true}};
};

TEST_F(Durability, AServerThatKeepsEverythingHasNoProblems) {
  Set("appendfsync", "always");

  const auto problems = Problems();

  ASSERT_THAT(problems, IsOk());
  EXPECT_THAT(*problems, IsEmpty());
}

TEST_F(Durability, EachSettingThatMayLoseRecordsIsNamed) {
  Set("appendonly", "no");
  Set("appendfsync", "everysec");
  Set("maxmemory-policy", "allkeys-lru");

  const auto problems = Problems();

  ASSERT_THAT(problems, IsOk());
  EXPECT_THAT(*problems, ElementsAre(StartsWith("appendonly is no, not yes: "),
                                     StartsWith("appendfsync is everysec, not always: "),
                                     StartsWith("maxmemory-policy is allkeys-lru, not noevic")));
}

TEST_F(Durability, AServerThatDoesNotTellIsTaken) {
  Set("appendonly", "no");
  Ask(server_, {"ACL", "SETUSER", "default", "-config"});

  const auto problems = Problems();

  ASSERT_THAT(problems, IsOk());
  EXPECT_THAT(*problems, IsEmpty());
}

TEST_F(Durability, NobodyKnowsWhileTheServerIsAway) {
  server_.Kill();

  EXPECT_THAT(Problems(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cannot connect")));
}

}  // namespace
}  // namespace muster::store::redis
