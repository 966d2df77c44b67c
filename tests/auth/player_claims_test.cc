#include "auth/player_claims.h"

#include <ostream>

#include "gmock/gmock.h"
#include "nlohmann/json.hpp"

namespace muster::auth {
namespace {

constexpr int64_t kNowSeconds = 1'800'000'000;
constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(kNowSeconds)};

// The claims of a good token, changed by a JSON merge patch; null takes a claim away.
std::variant<PlayerClaims, Verdict> Read(std::string_view patch, const PlayerPolicy& policy = {}) {
  nlohmann::json claims = {
      {"user_id", "7"}, {"username", "Alice"}, {"exp", kNowSeconds + 60}, {"token_type", "access"}};
  claims.merge_patch(nlohmann::json::parse(patch));
  return ReadPlayerClaims(claims.dump(), policy, kNow);
}

Verdict VerdictOf(const std::variant<PlayerClaims, Verdict>& read) {
  const auto* verdict = std::get_if<Verdict>(&read);
  return verdict == nullptr ? Verdict::kAllowed : *verdict;
}

// "none" when the token shows nobody.
std::string IdOf(const std::variant<PlayerClaims, Verdict>& read) {
  const auto* player = std::get_if<PlayerClaims>(&read);
  return player == nullptr ? "none" : player->identity.client_id;
}

std::string NameOf(std::string_view patch) {
  const std::variant<PlayerClaims, Verdict> read = Read(patch);
  const auto* player = std::get_if<PlayerClaims>(&read);
  return player == nullptr ? "none" : player->identity.name;
}

bool IsAdmin(std::string_view patch, const PlayerPolicy& policy = {}) {
  const std::variant<PlayerClaims, Verdict> read = Read(patch, policy);
  const auto* player = std::get_if<PlayerClaims>(&read);
  EXPECT_NE(player, nullptr) << patch;
  return player != nullptr && player->identity.is_admin;
}

struct IdCase {
  const char* name;
  const char* patch;
  // "none": the token is refused.
  const char* id;
};

std::ostream& operator<<(std::ostream& out, const IdCase& c) { return out << c.name; }

class PlayerIdTest : public testing::TestWithParam<IdCase> {};

TEST_P(PlayerIdTest, IsReadFromTheClaims) {
  EXPECT_EQ(IdOf(Read(GetParam().patch)), GetParam().id);
}

constexpr IdCase kIds[] = {
    {"string", R"({"user_id":"alice"})", "alice"},
    {"number", R"({"user_id":42})", "42"},
    {"zero", R"({"user_id":0})", "0"},
    {"negative", R"({"user_id":-3})", "-3"},
    {"largest", R"({"user_id":18446744073709551615})", "18446744073709551615"},
    {"too_large", R"({"user_id":18446744073709551616})", "none"},
    {"fraction", R"({"user_id":1.5})", "none"},
    {"empty", R"({"user_id":""})", "none"},
    {"bool", R"({"user_id":true})", "none"},
    {"array", R"({"user_id":["alice"]})", "none"},
    {"object", R"({"user_id":{"id":1}})", "none"},
    {"any_text", R"({"user_id":"../a b*\n"})", "../a b*\n"},
    {"before_sub", R"({"user_id":"alice","sub":"bob"})", "alice"},
    {"sub", R"({"user_id":null,"sub":"bob"})", "bob"},
    {"sub_number", R"({"user_id":null,"sub":5})", "5"},
    {"sub_empty", R"({"user_id":null,"sub":""})", "none"},
    {"no_sub_for_an_empty_one", R"({"user_id":"","sub":"bob"})", "none"},
    {"nobody", R"({"user_id":null})", "none"},
};
INSTANTIATE_TEST_SUITE_P(Ids, PlayerIdTest, testing::ValuesIn(kIds),
                         [](const auto& test) { return std::string(test.param.name); });

// A merge patch cannot say null.
TEST(PlayerClaims, NullIsNoUserIdAndLeavesNoRoomForSub) {
  EXPECT_EQ(IdOf(ReadPlayerClaims(R"({"user_id":null,"sub":"bob","exp":1900000000})", {}, kNow)),
            "none");
}

TEST(PlayerClaims, NullIsNoTokenType) {
  EXPECT_EQ(IdOf(ReadPlayerClaims(R"({"user_id":1,"token_type":null,"exp":1900000000})", {}, kNow)),
            "none");
}

TEST(PlayerClaims, TakeTheNameFromUsernameOrDisplayName) {
  EXPECT_EQ(NameOf("{}"), "Alice");
  EXPECT_EQ(NameOf(R"({"display_name":"A."})"), "Alice");
  EXPECT_EQ(NameOf(R"({"username":null,"display_name":"A."})"), "A.");
  EXPECT_EQ(NameOf(R"({"username":null})"), "");
  EXPECT_EQ(NameOf(R"({"username":1})"), "none");
  EXPECT_EQ(NameOf(R"({"display_name":[]})"), "none");
}

struct HoldsCase {
  const char* name;
  const char* patch;
  PlayerPolicy policy;
  Verdict verdict;
};

std::ostream& operator<<(std::ostream& out, const HoldsCase& c) { return out << c.name; }

class PlayerTokenTest : public testing::TestWithParam<HoldsCase> {};

TEST_P(PlayerTokenTest, HasItsVerdict) {
  const Verdict verdict = VerdictOf(Read(GetParam().patch, GetParam().policy));

  EXPECT_EQ(VerdictName(verdict), VerdictName(GetParam().verdict));
}

const PlayerPolicy kExpOptional = {.require_exp = false};
const PlayerPolicy kIssuer = {.issuer = "studio"};
const PlayerPolicy kAudience = {.audience = "lobby"};

const HoldsCase kHolds[] = {
    {"usual", "{}", {}, Verdict::kAllowed},
    {"exp_missing", R"({"exp":null})", {}, Verdict::kMalformed},
    {"exp_missing_and_optional", R"({"exp":null})", kExpOptional, Verdict::kAllowed},
    {"exp_past_and_optional", R"({"exp":1799999990})", kExpOptional, Verdict::kExpired},
    {"exp_within_leeway", R"({"exp":1799999991})", {}, Verdict::kAllowed},
    {"exp_past", R"({"exp":1799999990})", {}, Verdict::kExpired},
    {"exp_within_own_leeway",
     R"({"exp":1799999950})",
     {.leeway = std::chrono::seconds(60)},
     Verdict::kAllowed},
    {"exp_string", R"({"exp":"1900000000"})", {}, Verdict::kMalformed},
    {"nbf_within_leeway", R"({"nbf":1800000010})", {}, Verdict::kAllowed},
    {"nbf_future", R"({"nbf":1800000011})", {}, Verdict::kNotYetValid},
    {"iat_within_leeway", R"({"iat":1800000010})", {}, Verdict::kAllowed},
    {"iat_future", R"({"iat":1800000011})", {}, Verdict::kNotYetValid},
    {"token_type_missing", R"({"token_type":null})", {}, Verdict::kAllowed},
    {"token_type_refresh", R"({"token_type":"refresh"})", {}, Verdict::kMalformed},
    {"token_type_other_case", R"({"token_type":"Access"})", {}, Verdict::kMalformed},
    {"token_type_array", R"({"token_type":["access"]})", {}, Verdict::kMalformed},
    {"iss_not_asked_for", R"({"iss":"anybody"})", {}, Verdict::kAllowed},
    {"iss", R"({"iss":"studio"})", kIssuer, Verdict::kAllowed},
    {"iss_missing", "{}", kIssuer, Verdict::kMalformed},
    {"iss_other", R"({"iss":"Studio"})", kIssuer, Verdict::kMalformed},
    {"iss_array", R"({"iss":["studio"]})", kIssuer, Verdict::kMalformed},
    {"aud_not_asked_for", R"({"aud":"anybody"})", {}, Verdict::kAllowed},
    {"aud", R"({"aud":"lobby"})", kAudience, Verdict::kAllowed},
    {"aud_array", R"({"aud":["shop","lobby"]})", kAudience, Verdict::kAllowed},
    {"aud_missing", "{}", kAudience, Verdict::kMalformed},
    {"aud_other", R"({"aud":["shop","lobby2"]})", kAudience, Verdict::kMalformed},
    {"aud_words", R"({"aud":"shop lobby"})", kAudience, Verdict::kMalformed},
    {"aud_object", R"({"aud":{"lobby":1}})", kAudience, Verdict::kMalformed},
};
INSTANTIATE_TEST_SUITE_P(Tokens, PlayerTokenTest, testing::ValuesIn(kHolds),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(PlayerClaims, AreNoneOfAPayloadThatIsNoObject) {
  for (const std::string_view payload :
       {"", "[]", "{", "null", "\"a\"", "{\"user_id\":\"\xff\"}"}) {
    EXPECT_EQ(VerdictOf(ReadPlayerClaims(payload, {}, kNow)), Verdict::kMalformed) << payload;
  }
}

TEST(PlayerClaims, SayUntilWhenTheyHold) {
  const std::variant<PlayerClaims, Verdict> read = Read("{}");

  ASSERT_EQ(VerdictOf(read), Verdict::kAllowed);
  EXPECT_EQ(std::get<PlayerClaims>(read).refused_from, kNow + std::chrono::seconds(70));
}

TEST(PlayerClaims, MakeAnAdministratorByTheConfiguredClaim) {
  const PlayerPolicy staff = {.admin_claim = "is_staff", .admin_value = "true"};

  EXPECT_TRUE(IsAdmin(R"({"roles":["player","muster-admin"]})"));
  EXPECT_TRUE(IsAdmin(R"({"roles":"muster-admin"})"));
  EXPECT_TRUE(IsAdmin(R"({"is_staff":true})", staff));
  EXPECT_TRUE(IsAdmin(R"({"is_staff":"true"})", staff));
  EXPECT_FALSE(IsAdmin("{}"));
  EXPECT_FALSE(IsAdmin(R"({"roles":["muster-admin2",1,null,["muster-admin"]]})"));
  EXPECT_FALSE(IsAdmin(R"({"roles":{"muster-admin":true}})"));
  EXPECT_FALSE(IsAdmin(R"({"role":"muster-admin","scope":"muster-admin"})"));
  EXPECT_FALSE(IsAdmin(R"({"is_staff":false})", staff));
  EXPECT_FALSE(IsAdmin(R"({"roles":["muster-admin"]})", staff));
}

TEST(PlayerClaims, LookForTheAdministratorAmongWordsInAScopeOnly) {
  const PlayerPolicy scope = {.admin_claim = "scope"};
  const PlayerPolicy name = {.admin_claim = "username"};

  EXPECT_TRUE(IsAdmin(R"({"scope":"play muster-admin"})", scope));
  EXPECT_FALSE(IsAdmin(R"({"scope":"play muster-admins"})", scope));
  EXPECT_FALSE(IsAdmin(R"({"roles":"play muster-admin"})"));
  EXPECT_FALSE(IsAdmin(R"({"username":"Eve muster-admin"})", name));
}

TEST(PlayerClaims, MakeNobodyAnAdministratorWithoutClaimOrValue) {
  EXPECT_FALSE(IsAdmin(R"({"":"muster-admin"})", {.admin_claim = ""}));
  EXPECT_FALSE(IsAdmin(R"({"roles":""})", {.admin_value = ""}));
  EXPECT_FALSE(IsAdmin(R"({"roles":[""]})", {.admin_value = ""}));
}

}  // namespace
}  // namespace muster::auth
