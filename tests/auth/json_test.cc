#include "auth/json.h"

#include "gmock/gmock.h"

namespace muster::auth {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Nested(int depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(Json, TakesObjectsOnly) {
  EXPECT_TRUE(ParseJsonObject("{}"));
  for (const std::string_view text : {"", "[]", "1", "\"a\"", "null", "{", "{}}", "{'a':1}",
                                      "{\"a\":1e999}", "{\"a\":\"\xff\"}"}) {
    EXPECT_FALSE(ParseJsonObject(text)) << text;
  }
}

TEST(Json, RefusesAZeroByteAnywhere) {
  EXPECT_FALSE(ParseJsonObject(std::string_view("{}\0x", 4)));
}

TEST(Json, RefusesDepth) {
  EXPECT_TRUE(ParseJsonObject(Nested(kMaxJsonDepth)));
  EXPECT_FALSE(ParseJsonObject(Nested(kMaxJsonDepth + 1)));
  EXPECT_FALSE(ParseJsonObject(Nested(100'000)));
}

TEST(Json, TheLastOfTwoEqualKeysCounts) {
  std::string value;

  EXPECT_TRUE(ReadString(*ParseJsonObject(R"({"a":"1","a":"2"})"), "a", &value));

  EXPECT_EQ(value, "2");
}

TEST(Json, AMissingMemberAndNullLeaveTheDefault) {
  const json object = json::parse(R"({"null":null})");
  std::string text = "default";
  int64_t number = 7;
  std::vector<std::string> texts;
  std::vector<Permission> permissions;

  for (const char* key : {"null", "missing"}) {
    EXPECT_TRUE(ReadString(object, key, &text));
    EXPECT_TRUE(ReadInteger(object, key, 0, &number));
    EXPECT_TRUE(ReadStrings(object, key, &texts));
    EXPECT_TRUE(ReadPermissions(object, key, &permissions));
  }

  EXPECT_EQ(text, "default");
  EXPECT_EQ(number, 7);
  EXPECT_THAT(texts, IsEmpty());
  EXPECT_THAT(permissions, IsEmpty());
}

TEST(Json, RefusesValuesOfTheWrongType) {
  const json object = json::parse(R"({"n":1,"s":"x","f":1.5,"neg":-1,"big":18446744073709551615,
                                      "mixed":["a",1],"o":{}})");
  std::string text;
  int64_t number = 0;
  std::vector<std::string> texts;

  EXPECT_FALSE(ReadString(object, "n", &text));
  EXPECT_FALSE(ReadStrings(object, "s", &texts));
  EXPECT_FALSE(ReadStrings(object, "mixed", &texts));
  for (const char* key : {"s", "f", "neg", "big", "o"}) {
    EXPECT_FALSE(ReadInteger(object, key, 0, &number)) << key;
  }
}

TEST(Json, ReadsPermissionsOfTokensAndOfRestAnswers) {
  const json object = json::parse(R"({"p":[{"Resource":"A","Action":2,"SchedAction":0},
                                           {"resource":"B","action":15},{}]})");
  std::vector<Permission> permissions;

  EXPECT_TRUE(ReadPermissions(object, "p", &permissions));

  EXPECT_THAT(permissions, ElementsAre(Permission{"A", 2}, Permission{"B", 15}, Permission{}));
}

TEST(Json, RefusesPermissionsThatMakeNoSense) {
  for (const char* text :
       {R"({"p":{}})", R"({"p":["A"]})", R"({"p":[{"Resource":1,"Action":2}]})",
        R"({"p":[{"Resource":"A","Action":"2"}]})", R"({"p":[{"Resource":"A","Action":2.0}]})",
        R"({"p":[{"Resource":"A","Action":-1}]})",
        R"({"p":[{"Resource":"A","Action":4294967298}]})"}) {
    std::vector<Permission> permissions;
    EXPECT_FALSE(ReadPermissions(json::parse(text), "p", &permissions)) << text;
  }
}

}  // namespace
}  // namespace muster::auth
