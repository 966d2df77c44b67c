#include "base/environment.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"

namespace muster::base {
namespace {

class ProcessEnvironment final : public Environment {
 public:
  std::optional<std::string> Get(std::string_view name) const override {
    const char* const value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  }
};

}  // namespace

const Environment& Environment::Process() {
  static const ProcessEnvironment environment;
  return environment;
}

std::optional<std::string> MapEnvironment::Get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

std::string EnvReader::String(std::string_view name, std::string_view default_value) {
  return environment_.Get(name).value_or(std::string(default_value));
}

int64_t EnvReader::Int(std::string_view name, int64_t default_value, int64_t min, int64_t max) {
  const std::optional<std::string> text = environment_.Get(name);
  if (!text.has_value()) return default_value;
  int64_t value = 0;
  if (!absl::SimpleAtoi(*text, &value) || value < min || value > max) {
    Problem(StrCat(name, " `", *text, "` is not a whole number from ", min, " to ", max));
    return default_value;
  }
  return value;
}

bool EnvReader::Bool(std::string_view name, bool default_value) {
  const std::optional<std::string> text = environment_.Get(name);
  if (!text.has_value()) return default_value;
  if (absl::EqualsIgnoreCase(*text, "true") || *text == "1") return true;
  if (absl::EqualsIgnoreCase(*text, "false") || *text == "0") return false;
  Problem(StrCat(name, " `", *text, "` is neither true nor false"));
  return default_value;
}

std::string EnvReader::Choice(std::string_view name, std::string_view default_value,
                              const std::vector<std::string>& choices) {
  const std::string text = String(name, default_value);
  for (const std::string& choice : choices) {
    if (absl::EqualsIgnoreCase(text, choice)) return choice;
  }
  Problem(StrCat(name, " `", text, "` is none of: ", absl::StrJoin(choices, ", ")));
  return std::string(default_value);
}

std::vector<std::string> EnvReader::List(std::string_view name, std::string_view default_value) {
  const std::string text = String(name, default_value);
  std::vector<std::string> items;
  if (text.empty()) return items;
  for (const absl::string_view item : absl::StrSplit(text, ',')) {
    items.emplace_back(absl::StripAsciiWhitespace(item));
    if (items.back().empty()) {
      Problem(StrCat(name, " `", text, "` has an empty item"));
      return absl::StrSplit(ToAbsl(default_value), ',');
    }
  }
  return items;
}

absl::Status EnvReader::status() const {
  if (problems_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(problems_, "; "));
}

}  // namespace muster::base
