#include "auth/server_token.h"

#include "auth/base64url.h"
#include "auth/secret.h"
#include "gmock/gmock.h"

namespace muster::auth {
namespace {

using testing::Eq;
using testing::Optional;

constexpr std::string_view kKey = "a key of at least 32 random bytes";

TEST(ServerToken, HasTheFormThatIsPromised) {
  EXPECT_EQ(MintServerToken(kKey, "gs-1"),
            "ms1.gs-1." + EncodeBase64Url(HmacSha256(kKey, "muster server gs-1")));
}

TEST(ServerToken, SaysWhoseItIs) {
  for (const std::string_view id : {"gs-1", "a.b", ".", "..a", "ms1.", "\xff \n"}) {
    EXPECT_THAT(ServerOfToken(kKey, MintServerToken(kKey, id)), Optional(Eq(id)));
  }
}

TEST(ServerToken, IsNoneOfAnotherServer) {
  const std::string token = MintServerToken(kKey, "gs-1");
  const std::string mac = token.substr(token.rfind('.'));

  for (const std::string id : {"gs-2", "gs-11", "gs-", "GS-1", "gs-1 ", ""}) {
    EXPECT_EQ(ServerOfToken(kKey, "ms1." + id + mac), std::nullopt) << id;
  }
}

TEST(ServerToken, IsNoneOfAnotherKey) {
  EXPECT_EQ(ServerOfToken("another key", MintServerToken(kKey, "gs-1")), std::nullopt);
}

TEST(ServerToken, NobodyIsKnownByAnEmptyKeyOrId) {
  EXPECT_EQ(ServerOfToken("", MintServerToken(kKey, "gs-1")), std::nullopt);
  EXPECT_EQ(ServerOfToken(kKey, MintServerToken(kKey, "")), std::nullopt);
}

TEST(ServerToken, IsNoneWhenTruncatedOrChangedAnywhere) {
  const std::string token = MintServerToken(kKey, "gs-1");

  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(ServerOfToken(kKey, changed), std::nullopt) << changed;
    EXPECT_EQ(ServerOfToken(kKey, token.substr(0, i)), std::nullopt) << i;
    EXPECT_EQ(ServerOfToken(kKey, token.substr(i + 1)), std::nullopt) << i;
  }
  EXPECT_EQ(ServerOfToken(kKey, token + "="), std::nullopt);
  EXPECT_EQ(ServerOfToken(kKey, token + " "), std::nullopt);
}

}  // namespace
}  // namespace muster::auth
