#include "auth/secret.h"

#include "absl/container/flat_hash_set.h"
#include "auth/base64url.h"
#include "gmock/gmock.h"

namespace muster::auth {
namespace {

TEST(RandomSecret, Is32BytesThatNeverComeTwice) {
  absl::flat_hash_set<std::string> seen;

  for (int i = 0; i < 1000; ++i) {
    const std::string secret = RandomSecret();
    ASSERT_EQ(DecodeBase64Url(secret).value_or("").size(), 32U) << secret;
    ASSERT_TRUE(seen.insert(secret).second);
  }
}

// Case 2 of RFC 4231.
TEST(HmacSha256, IsThatOfTheRfc) {
  const std::string_view mac(
      "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
      "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
      32);

  EXPECT_EQ(HmacSha256("Jefe", "what do ya want for nothing?"), mac);
}

TEST(ConstantTimeEquals, ComparesAllBytes) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("secret", "secret"));
  EXPECT_FALSE(ConstantTimeEquals("secret", "secreT"));
  EXPECT_FALSE(ConstantTimeEquals("secret", "Secret"));
  EXPECT_FALSE(ConstantTimeEquals("secret", "secre"));
  EXPECT_FALSE(ConstantTimeEquals("", "secret"));
  EXPECT_FALSE(ConstantTimeEquals(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace muster::auth
