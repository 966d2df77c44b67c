#include "auth/authorizer.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace muster::auth {
namespace {

using support::IsOk;
using support::StatusIs;

TEST(DevAuthorizer, TakesAnyWordForTheClient) {
  DevAuthorizer authorizer;

  for (const std::string_view header : {"alice", "Bearer x.y.z", " ", "\xff/../*"}) {
    const absl::StatusOr<Identity> identity = authorizer.Authorize(header);

    ASSERT_THAT(identity, IsOk()) << header;
    EXPECT_EQ(identity->client_id, header);
    EXPECT_EQ(identity->name, "");
    EXPECT_FALSE(identity->is_admin);
  }
}

TEST(DevAuthorizer, RefusesWhoSaysNothing) {
  DevAuthorizer authorizer;

  EXPECT_THAT(authorizer.Authorize(std::nullopt),
              StatusIs(absl::StatusCode::kUnauthenticated, "the call needs a valid access token"));
  EXPECT_THAT(authorizer.Authorize(""),
              StatusIs(absl::StatusCode::kUnauthenticated, "the call needs a valid access token"));
}

TEST(DevAuthorizer, IsAlwaysReady) { EXPECT_THAT(DevAuthorizer().Ready(), IsOk()); }

}  // namespace
}  // namespace muster::auth
