#include "telemetry/json_text.h"

#include <cstdint>
#include <limits>
#include <ostream>

#include "gtest/gtest.h"

namespace muster::telemetry {
namespace {

struct Case {
  std::string name;
  std::string text;
  std::string escaped;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

#define BAD "\xEF\xBF\xBD"

const Case kCases[] = {
    {"empty", "", ""},
    {"plain", "a ticket's [rating] = {1000}/~", "a ticket's [rating] = {1000}/~"},
    {"quote", "say \"hi\"", R"(say \"hi\")"},
    {"backslash", R"(C:\a)", R"(C:\\a)"},
    {"named control characters", "\b\f\n\r\t", R"(\b\f\n\r\t)"},
    {"other control characters", std::string("\0\x01\x1f", 3), R"(\u0000\u0001\u001f)"},
    {"delete is no control character to JSON", "\x7f", "\x7f"},
    {"two bytes", "caf\xC3\xA9!", "caf\xC3\xA9!"},
    {"three bytes", "\xE2\x82\xAC 5", "\xE2\x82\xAC 5"},
    {"four bytes", "\xF0\x9F\x8E\xAE", "\xF0\x9F\x8E\xAE"},
    {"last before and first after the surrogates", "\xED\x9F\xBF\xEE\x80\x80",
     "\xED\x9F\xBF\xEE\x80\x80"},
    {"highest character", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
    {"follower alone", "a\x80z", "a" BAD "z"},
    {"overlong slash", "\xC0\xAF", BAD BAD},
    {"overlong in three bytes", "\xE0\x80\xAF", BAD BAD BAD},
    {"overlong in four bytes", "\xF0\x80\x80\xAF", BAD BAD BAD BAD},
    {"surrogate", "\xED\xA0\x80", BAD BAD BAD},
    {"above the highest", "\xF4\x90\x80\x80", BAD BAD BAD BAD},
    {"byte that no character has", "\xFF\xFE", BAD BAD},
    {"cut at the end", "x\xE2\x82", "x" BAD},
    {"cut in the middle", "\xF0\x9F\x8Ez", BAD "z"},
    {"cut by a quote", "\xE2\x82\"", BAD R"(\")"},
    {"cut by another character", "\xE2\x82\xC3\xA9", BAD "\xC3\xA9"},
};

class JsonTextTest : public testing::TestWithParam<Case> {};

TEST_P(JsonTextTest, EscapesTheInsideOfAString) {
  std::string out = "before ";

  AppendJsonEscaped(&out, GetParam().text);

  EXPECT_EQ(out, "before " + GetParam().escaped);
}

INSTANTIATE_TEST_SUITE_P(Texts, JsonTextTest, testing::ValuesIn(kCases));

// Plain text is looked through in words of several bytes.
TEST(JsonText, FindsASpecialCharacterAtEveryPlace) {
  for (size_t length = 1; length <= 20; ++length) {
    for (size_t at = 0; at < length; ++at) {
      std::string text(length, 'a');
      text[at] = '\n';
      std::string out;

      AppendJsonEscaped(&out, text);

      EXPECT_EQ(out, text.substr(0, at) + "\\n" + text.substr(at + 1));
    }
  }
}

TEST(JsonText, AppendsAStringInQuotes) {
  std::string out = "{";

  AppendJsonString(&out, "a\"b");

  EXPECT_EQ(out, R"({"a\"b")");
}

TEST(JsonText, AppendsANumberInDecimal) {
  std::string out = "[";

  AppendNumber(&out, 0);
  AppendNumber(&out, std::numeric_limits<int64_t>::max());
  AppendNumber(&out, std::numeric_limits<int64_t>::min());

  EXPECT_EQ(out, "[09223372036854775807-9223372036854775808");
}

}  // namespace
}  // namespace muster::telemetry
