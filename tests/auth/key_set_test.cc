#include "auth/key_set.h"

#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_keys.h"

namespace muster::auth {
namespace {

using support::Jwks;
using support::StatusIs;
using support::TestKey;
using testing::HasSubstr;

MATCHER_P(IsRefusedWith, fragment, "") {
  return ExplainMatchResult(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(fragment)), arg,
                            result_listener);
}

// A set of the shared key and of one more entry.
std::string WithEntry(const std::string& entry) {
  return R"({"keys":[)" + entry + "," + TestKey::Shared().jwk() + "]}";
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// Text and signature of a token.
struct Signed {
  std::string text;
  std::string signature;
};

Signed SignedBy(const TestKey& key) {
  const std::string token = key.Token("{}");
  const size_t point = token.rfind('.');
  std::string signature;
  std::string padded = token.substr(point + 1);
  EXPECT_TRUE(absl::WebSafeBase64Unescape(padded, &signature));
  return {token.substr(0, point), signature};
}

TEST(KeySet, HoldsTheKeysByTheirId) {
  const KeySet keys = KeySet::Parse(Jwks({TestKey::Shared(), TestKey::Other()})).value();

  EXPECT_EQ(keys.size(), 2);
  EXPECT_TRUE(keys.Has("key-1"));
  EXPECT_TRUE(keys.Has("key-2"));
  EXPECT_FALSE(keys.Has("key-3"));
}

TEST(KeySet, VerifiesWithTheNamedKeyOnly) {
  const KeySet keys = KeySet::Parse(Jwks({TestKey::Shared(), TestKey::Other()})).value();
  const auto [text, signature] = SignedBy(TestKey::Shared());

  EXPECT_TRUE(keys.Verify("key-1", text, signature));
  EXPECT_FALSE(keys.Verify("key-2", text, signature));
  EXPECT_FALSE(keys.Verify("key-3", text, signature));
  EXPECT_FALSE(keys.Verify("key-1", text + "x", signature));
  EXPECT_FALSE(keys.Verify("key-1", text, signature.substr(1)));
  EXPECT_FALSE(keys.Verify("key-1", text, ""));
  EXPECT_TRUE(keys.Verify("key-1", text, signature));
}

TEST(KeySet, VerifiesOnManyThreads) {
  const KeySet keys = KeySet::Parse(Jwks({TestKey::Shared()})).value();
  const auto [text, signature] = SignedBy(TestKey::Shared());
  std::vector<std::jthread> threads;

  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&keys, text = text, signature = signature] {
      for (int j = 0; j < 50; ++j) EXPECT_TRUE(keys.Verify("key-1", text, signature));
    });
  }
}

TEST(KeySet, RefusesWhatIsNoKeySet) {
  EXPECT_THAT(KeySet::Parse(""), IsRefusedWith("not a json object"));
  EXPECT_THAT(KeySet::Parse("<html>"), IsRefusedWith("not a json object"));
  EXPECT_THAT(KeySet::Parse("{}"), IsRefusedWith("keys is not an array"));
  EXPECT_THAT(KeySet::Parse(R"({"keys":1})"), IsRefusedWith("keys is not an array"));
  EXPECT_THAT(KeySet::Parse(R"({"keys":[]})"), IsRefusedWith("no RSA key"));
}

TEST(KeySet, RefusesTooManyKeys) {
  std::string entries = "1";
  for (size_t i = 0; i < KeySet::kMaxKeys; ++i) entries += ",1";

  EXPECT_THAT(KeySet::Parse(R"({"keys":[)" + entries + "]}"), IsRefusedWith("257 keys"));
}

TEST(KeySet, PassesOverKeysThatDoNotCount) {
  const std::string other = TestKey::Other().jwk();
  const std::string modulus = TestKey::Other().modulus();
  for (const std::string& entry :
       {std::string("1"), std::string("{}"), std::string(R"({"kty":"oct","kid":"key-2","k":"AA"})"),
        Replaced(other, R"("RSA")", R"("EC")"), Replaced(other, R"("RS256")", R"("RS512")"),
        Replaced(other, R"("sig")", R"("enc")"), Replaced(other, R"("key-2")", "2"),
        Replaced(other, R"("key-2")", R"("")"), Replaced(other, modulus, ""),
        Replaced(other, modulus, modulus + "=="), Replaced(other, modulus, "AQAB"),
        Replaced(other, modulus, std::string(4000, 'A')), Replaced(other, "AQAB", "AQ"),
        Replaced(other, "AQAB", "AQAA"), Replaced(other, "AQAB", ""),
        Replaced(other, "AQAB", std::string(16, '_')), TestKey("key-2", 1024).jwk()}) {
    const absl::StatusOr<KeySet> keys = KeySet::Parse(WithEntry(entry));
    ASSERT_TRUE(keys.ok()) << keys.status() << entry;
    EXPECT_TRUE(keys->Has("key-1")) << entry;
    EXPECT_EQ(keys->size(), 1) << entry;
  }
}

TEST(KeySet, TheFirstOfTwoKeysWithOneIdCounts) {
  const KeySet keys =
      KeySet::Parse(Jwks({TestKey::Shared(), TestKey::Other().Named("key-1")})).value();
  const auto [text, signature] = SignedBy(TestKey::Shared());

  EXPECT_EQ(keys.size(), 1);
  EXPECT_TRUE(keys.Verify("key-1", text, signature));
}

TEST(KeySet, TakesAKeyThatSaysNeitherUseNorAlgorithm) {
  const std::string bare =
      R"({"kty":"RSA","kid":"bare","e":"AQAB","n":")" + TestKey::Other().modulus() + R"("})";

  EXPECT_TRUE(KeySet::Parse(WithEntry(bare))->Has("bare"));
}

}  // namespace
}  // namespace muster::auth
