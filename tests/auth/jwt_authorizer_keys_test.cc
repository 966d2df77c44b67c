#include <thread>

#include "auth/jwt_authorizer.h"
#include "tests/auth/jwks_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::auth {
namespace {

using support::IsOk;
using support::SignHs256;
using support::StatusIs;
using support::TestKey;
using testing::HasSubstr;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr char kSecret[] = "the secret of today, 32 bytes or more";
// The fake clock's time is 1767225600.
constexpr char kClaims[] = R"({"sub":"alice","exp":1767229200})";
constexpr char kHs256KeyOne[] = R"({"alg":"HS256","kid":"key-1"})";

class JwtKeysTest : public JwksFixture {
 protected:
  ~JwtKeysTest() override { authorizer_.reset(); }

  void Start(std::vector<std::string> secrets = {}) {
    authorizer_ = std::make_unique<JwtAuthorizer>(
        JwtAuthorizer::Options{.secrets = std::move(secrets)}, StartKeys(), clock_);
  }
  void StartReady(std::vector<std::string> secrets = {}) {
    Start(std::move(secrets));
    ASSERT_TRUE(Await([this] { return authorizer_->Ready().ok(); }));
  }
  absl::StatusOr<Identity> Authorize(const std::string& token) {
    return authorizer_->Authorize("Bearer " + token);
  }
  // Calls with the token until it is let in, or refused.
  bool AwaitOk(const std::string& token) {
    return Await([&] { return PassAndAuthorize(token).ok(); });
  }
  bool AwaitRefused(const std::string& token) {
    return Await([&] { return absl::IsUnauthenticated(PassAndAuthorize(token)); });
  }

  std::unique_ptr<JwtAuthorizer> authorizer_;

 private:
  // Each time an unknown key may cause a fetch.
  absl::Status PassAndAuthorize(const std::string& token) {
    clock_.Advance(std::chrono::milliseconds(1));
    return Authorize(token).status();
  }
};

TEST_F(JwtKeysTest, TellsWhoHasATokenOfThePublishedKey) {
  StartReady();

  const absl::StatusOr<Identity> identity = Authorize(TestKey::Shared().Token(kClaims));

  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(identity->client_id, "alice");
}

TEST_F(JwtKeysTest, CannotTellWhileKeysWereNeverLoaded) {
  sender_.Hold(kPath);
  Start({kSecret});

  EXPECT_THAT(authorizer_->Ready(), StatusIs(kUnavailable, HasSubstr("no keys yet")));
  EXPECT_THAT(Authorize(TestKey::Shared().Token(kClaims)),
              StatusIs(kUnavailable, "access control is not ready, try again"));
  EXPECT_THAT(Authorize(SignHs256(R"({"alg":"HS256"})", kClaims, kSecret)), IsOk());
  EXPECT_THAT(Authorize("alice"), StatusIs(kUnauthenticated, HasSubstr("valid access token")));
}

TEST_F(JwtKeysTest, RefusesConfusedKeys) {
  StartReady({kSecret});
  const TestKey& key = TestKey::Shared();

  for (const std::string& token :
       {SignHs256(kHs256KeyOne, kClaims, key.public_pem()),
        SignHs256(kHs256KeyOne, kClaims, key.jwk()),
        SignHs256(kHs256KeyOne, kClaims, key.modulus()),
        SignHs256(key.header(), kClaims, key.public_pem()),
        SignHs256(key.header(), kClaims, kSecret), key.Sign(kHs256KeyOne, kClaims),
        key.Sign(R"({"alg":"RS384","kid":"key-1"})", kClaims, "SHA384"),
        key.Sign(key.header(), kClaims, "SHA384"), key.Sign(R"({"alg":"RS256"})", kClaims),
        support::JoinToken(R"({"alg":"none","kid":"key-1"})", kClaims, ""),
        support::JoinToken(key.header(), kClaims, ""), TestKey::Other().Token(kClaims),
        TestKey::Other().Named("key-1").Token(kClaims),
        TestKey::Other().Sign(
            R"({"alg":"RS256","kid":"key-1","jwk":)" + TestKey::Other().jwk() + "}", kClaims)}) {
    EXPECT_THAT(Authorize(token), StatusIs(kUnauthenticated, HasSubstr("valid access token")))
        << token;
  }
}

TEST_F(JwtKeysTest, RefusesSecretsWhereOnlyKeysAreSetUp) {
  StartReady();

  for (const std::string& secret : {std::string(), TestKey::Shared().public_pem()}) {
    EXPECT_THAT(Authorize(SignHs256(kHs256KeyOne, kClaims, secret)),
                StatusIs(kUnauthenticated, HasSubstr("valid access token")));
  }
}

TEST_F(JwtKeysTest, TakesBothKindsWhereBothAreSetUp) {
  StartReady({kSecret});

  EXPECT_THAT(Authorize(TestKey::Shared().Token(kClaims)), IsOk());
  EXPECT_THAT(Authorize(SignHs256(kHs256KeyOne, kClaims, kSecret)), IsOk());
}

TEST_F(JwtKeysTest, ATokenOfANewKeyIsTakenOnceTheKeyIsFetched) {
  options_.refetch_pause = std::chrono::milliseconds(1);
  StartReady();
  const std::string token = TestKey::Other().Token(kClaims);
  ASSERT_THAT(Authorize(token), StatusIs(kUnauthenticated, HasSubstr("valid access token")));

  Publish({TestKey::Shared(), TestKey::Other()});

  EXPECT_TRUE(AwaitOk(token));
  EXPECT_THAT(Authorize(TestKey::Shared().Token(kClaims)), IsOk());
}

TEST_F(JwtKeysTest, AKeyThatGoesTakesItsRememberedTokensWithItAndMayComeBack) {
  options_.refetch_pause = std::chrono::milliseconds(1);
  StartReady();
  const std::string token = TestKey::Shared().Token(kClaims);
  const std::string other = TestKey::Other().Token(kClaims);
  ASSERT_THAT(Authorize(token), IsOk());
  ASSERT_THAT(Authorize(token), IsOk());

  Publish({TestKey::Other()});
  ASSERT_TRUE(AwaitOk(other));
  EXPECT_THAT(Authorize(token), StatusIs(kUnauthenticated, HasSubstr("valid access token")));

  Publish({TestKey::Shared()});
  EXPECT_TRUE(AwaitOk(token));
  EXPECT_TRUE(AwaitRefused(other));
}

TEST_F(JwtKeysTest, ServesOnWhenTheIssuerIsGone) {
  options_.refetch_pause = std::chrono::milliseconds(1);
  StartReady();

  sender_.Fail(kPath, absl::UnavailableError("gone"));
  const int calls = sender_.Calls(kPath);
  ASSERT_TRUE(Await([&] {
    clock_.Advance(std::chrono::milliseconds(1));
    EXPECT_FALSE(Authorize(TestKey::Other().Token(kClaims)).ok());
    return sender_.Calls(kPath) > calls;
  }));

  EXPECT_THAT(Authorize(TestKey::Shared().Token(kClaims)), IsOk());
  EXPECT_THAT(authorizer_->Ready(), IsOk());
}

TEST_F(JwtKeysTest, ServesManyThreadsWhileKeysChange) {
  options_.refetch_pause = std::chrono::milliseconds(1);
  StartReady({kSecret});
  const std::string tokens[] = {TestKey::Shared().Token(kClaims), TestKey::Other().Token(kClaims),
                                SignHs256(kHs256KeyOne, kClaims, kSecret)};

  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        clock_.Advance(std::chrono::milliseconds(1));
        Authorize(tokens[i % 3]).status().IgnoreError();
      }
    });
  }
  for (int i = 0; i < 50; ++i) Publish({i % 2 == 0 ? TestKey::Shared() : TestKey::Other()});
  threads.clear();

  EXPECT_THAT(Authorize(tokens[2]), IsOk());
}

}  // namespace
}  // namespace muster::auth
