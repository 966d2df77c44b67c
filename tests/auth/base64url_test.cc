#include "auth/base64url.h"

#include "gmock/gmock.h"
#include "tests/support/test_keys.h"

namespace muster::auth {
namespace {

using testing::Eq;
using testing::Optional;

TEST(Base64Url, DecodesTheVectorsOfRfc4648WithoutPadding) {
  EXPECT_THAT(DecodeBase64Url(""), Optional(Eq("")));
  EXPECT_THAT(DecodeBase64Url("Zg"), Optional(Eq("f")));
  EXPECT_THAT(DecodeBase64Url("Zm8"), Optional(Eq("fo")));
  EXPECT_THAT(DecodeBase64Url("Zm9v"), Optional(Eq("foo")));
  EXPECT_THAT(DecodeBase64Url("Zm9vYg"), Optional(Eq("foob")));
  EXPECT_THAT(DecodeBase64Url("Zm9vYmE"), Optional(Eq("fooba")));
  EXPECT_THAT(DecodeBase64Url("Zm9vYmFy"), Optional(Eq("foobar")));
}

TEST(Base64Url, EncodesWithoutPadding) {
  EXPECT_EQ(EncodeBase64Url(""), "");
  EXPECT_EQ(EncodeBase64Url("f"), "Zg");
  EXPECT_EQ(EncodeBase64Url("fo"), "Zm8");
  EXPECT_EQ(EncodeBase64Url("\xfb\xef\xff"), "--__");
}

TEST(Base64Url, UsesMinusAndUnderscore) {
  EXPECT_THAT(DecodeBase64Url("--__"), Optional(Eq("\xfb\xef\xff")));
}

TEST(Base64Url, RefusesWhatHasAnotherSpelling) {
  for (const std::string_view text : {"Zg==", "Zm8=", "Zm9vYg==", "++//", "Zm 9v", "Zm9v\n", "Zh",
                                      "Zm9", "Z", "Zm9vY", "Zm9v\xff"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

TEST(Base64Url, GivesBackAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 600; ++i) {
    bytes.push_back(static_cast<char>(i * 7));
    EXPECT_THAT(DecodeBase64Url(support::Base64Url(bytes)), Optional(Eq(bytes)));
    EXPECT_EQ(EncodeBase64Url(bytes), support::Base64Url(bytes));
  }
}

}  // namespace
}  // namespace muster::auth
