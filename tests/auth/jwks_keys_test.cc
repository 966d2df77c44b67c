#include "auth/jwks_keys.h"

#include "base/mutex.h"
#include "tests/auth/jwks_fixture.h"
#include "tests/support/status_matchers.h"

namespace muster::auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::IsOk;
using support::StatusIs;
using support::TestKey;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class JwksKeysTest : public JwksFixture {
 protected:
  ~JwksKeysTest() override { keys_.reset(); }

  void Start() {
    keys_ = std::make_unique<JwksKeys>(options_, sender_, clock_, [this](const absl::Status& s) {
      base::MutexLock lock(&mu_);
      changes_.push_back(s.code());
    });
  }
  void StartReady() {
    Start();
    ASSERT_TRUE(Await([this] { return keys_->Ready().ok(); }));
  }
  bool Knows(std::string_view key_id) const {
    const JwksKeys::Snapshot current = keys_->Current();
    return current.keys != nullptr && current.keys->Has(key_id);
  }
  // Names an unknown key, pause after pause, until that causes a fetch.
  bool Refetch() {
    const int calls = sender_.Calls(kPath);
    return Await([this, calls] {
      clock_.Advance(options_.refetch_pause);
      keys_->NoteUnknownKey();
      return sender_.Calls(kPath) > calls;
    });
  }
  // As Refetch, and the fetch goes on until Release.
  bool BeginRefetch() {
    sender_.Hold(kPath);
    return Refetch();
  }
  std::vector<absl::StatusCode> changes() {
    base::MutexLock lock(&mu_);
    return changes_;
  }

  base::Mutex mu_;
  std::vector<absl::StatusCode> changes_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<JwksKeys> keys_;
};

TEST_F(JwksKeysTest, AreNotReadyUntilLoaded) {
  sender_.Hold(kPath);
  Start();
  ASSERT_TRUE(sender_.WaitForCalls(kPath, 1));

  EXPECT_THAT(keys_->Ready(), StatusIs(kUnavailable, "no keys yet: the first fetch goes on"));
  EXPECT_EQ(keys_->Current().keys, nullptr);

  sender_.Release(kPath);
  EXPECT_TRUE(Await([this] { return keys_->Ready().ok(); }));
  EXPECT_TRUE(Knows("key-1"));
}

TEST_F(JwksKeysTest, AreFetchedFromTheUrlWithATimeout) {
  options_.timeout = milliseconds(1234);
  StartReady();

  const base::HttpRequest request = sender_.Last(kPath);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "http://issuer.test/jwks.json");
  EXPECT_EQ(request.timeout, milliseconds(1234));
  EXPECT_EQ(request.max_response_bytes, size_t{1} << 20);
}

TEST_F(JwksKeysTest, SayWhyThereAreNone) {
  for (const auto& [answer, problem] : std::vector<std::pair<base::HttpResponse, const char*>>{
           {{404, ""}, "the issuer answered with status 404"},
           {{302, support::Jwks({TestKey::Shared()})}, "the issuer answered with status 302"},
           {{200, "<html>"}, "not a json object"},
           {{200, R"({"keys":[]})"}, "no RSA key"}}) {
    sender_.Answer(kPath, answer);
    Start();
    EXPECT_TRUE(Await([this, &problem = problem] {
      return keys_->Ready().message().find(problem) != absl::string_view::npos;
    })) << keys_->Ready();
    EXPECT_THAT(keys_->Ready(), StatusIs(kUnavailable, HasSubstr(problem)));
    keys_.reset();
  }
}

TEST_F(JwksKeysTest, AreFetchedAgainAtEveryInterval) {
  options_.fetch_interval = milliseconds(2);
  StartReady();

  Publish({TestKey::Shared(), TestKey::Other()});

  EXPECT_TRUE(Await([this] {
    clock_.Advance(milliseconds(1));
    return Knows("key-2");
  }));
}

TEST_F(JwksKeysTest, DropAKeyThatIsNoLongerPublished) {
  options_.fetch_interval = milliseconds(2);
  StartReady();

  Publish({TestKey::Other()});

  EXPECT_TRUE(Await([this] {
    clock_.Advance(milliseconds(1));
    return Knows("key-2");
  }));
  EXPECT_FALSE(Knows("key-1"));
}

TEST_F(JwksKeysTest, AreTriedAgainUntilTheyCome) {
  options_.first_retry = options_.last_retry = milliseconds(2);
  sender_.Fail(kPath, absl::UnavailableError("no connection to issuer.test"));
  Start();
  ASSERT_TRUE(Await([this] {
    clock_.Advance(milliseconds(1));
    return sender_.Calls(kPath) >= 3;
  }));
  EXPECT_THAT(keys_->Ready(), StatusIs(kUnavailable, HasSubstr("no connection to issuer.test")));

  Publish({TestKey::Shared()});

  EXPECT_TRUE(Await([this] {
    clock_.Advance(milliseconds(1));
    return keys_->Ready().ok() && changes().size() == 2;
  }));
  EXPECT_THAT(changes(), ElementsAre(kUnavailable, absl::StatusCode::kOk));
}

TEST_F(JwksKeysTest, ServeOnWhileTheyCannotBeFetched) {
  options_.fetch_interval = options_.first_retry = options_.last_retry = milliseconds(2);
  StartReady();

  sender_.Answer(kPath, {500, ""});

  ASSERT_TRUE(Await([this] {
    clock_.Advance(milliseconds(1));
    return changes().size() == 1 && sender_.Calls(kPath) >= 4;
  }));
  EXPECT_THAT(keys_->Ready(), IsOk());
  EXPECT_TRUE(Knows("key-1"));
}

TEST_F(JwksKeysTest, KeepTheirVersionWhileTheAnswerIsTheSame) {
  StartReady();
  const uint64_t version = keys_->Current().version;
  ASSERT_TRUE(Refetch());
  ASSERT_TRUE(Refetch());
  EXPECT_EQ(keys_->Current().version, version);

  Publish({TestKey::Other()});
  ASSERT_TRUE(Refetch());

  EXPECT_TRUE(Await([this] { return Knows("key-2"); }));
  EXPECT_NE(keys_->Current().version, version);
}

TEST_F(JwksKeysTest, AreFetchedForAnUnknownKeyOncePerPause) {
  StartReady();
  ASSERT_TRUE(BeginRefetch());
  sender_.Release(kPath);
  const int calls = sender_.Calls(kPath);

  for (int i = 0; i < 1000; ++i) keys_->NoteUnknownKey();
  clock_.Advance(options_.refetch_pause - milliseconds(1));
  for (int i = 0; i < 1000; ++i) keys_->NoteUnknownKey();
  EXPECT_EQ(sender_.Calls(kPath), calls);

  EXPECT_TRUE(Refetch());
}

TEST_F(JwksKeysTest, WaitOutTheRetryPauseForAnUnknownKeyToo) {
  options_.first_retry = options_.last_retry = hours(1);
  options_.refetch_pause = milliseconds(1);
  StartReady();
  sender_.Answer(kPath, {500, ""});
  ASSERT_TRUE(BeginRefetch());
  sender_.Release(kPath);
  ASSERT_TRUE(Await([this] { return changes().size() == 1; }));
  const int calls = sender_.Calls(kPath);

  clock_.Advance(seconds(3599));
  for (int i = 0; i < 1000; ++i) keys_->NoteUnknownKey();

  EXPECT_EQ(sender_.Calls(kPath), calls);
}

TEST_F(JwksKeysTest, AFetchUnderWayServesAllWhoNameItsKey) {
  StartReady();
  ASSERT_TRUE(BeginRefetch());
  const int calls = sender_.Calls(kPath);

  for (int i = 0; i < 1000; ++i) keys_->NoteUnknownKey();
  Publish({TestKey::Other()});
  sender_.Release(kPath);

  ASSERT_TRUE(Await([this] { return Knows("key-2"); }));
  keys_.reset();
  EXPECT_EQ(sender_.Calls(kPath), calls);
}

TEST_F(JwksKeysTest, EndAFetchThatIsUnderWay) {
  sender_.Hold(kPath);
  Start();
  ASSERT_TRUE(sender_.WaitForCalls(kPath, 1));

  keys_.reset();

  EXPECT_THAT(changes(), ElementsAre());
}

}  // namespace
}  // namespace muster::auth
