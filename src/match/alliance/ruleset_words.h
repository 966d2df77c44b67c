#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "match/alliance/ruleset.h"

// The fixed words of the ruleset language. Case counts.
namespace muster::match::alliance {

// A word of the language and what it stands for.
template <typename T>
struct Word {
  std::string_view text;
  T value;
};

template <typename T, size_t N>
std::optional<T> FindWord(const Word<T> (&words)[N], std::string_view text) {
  for (const Word<T>& word : words) {
    if (word.text == text) return word.value;
  }
  return std::nullopt;
}

// `value` has a word.
template <typename T, size_t N>
std::string_view WordOf(const Word<T> (&words)[N], T value) {
  return std::find_if(words, words + N - 1, [&](const auto& word) { return word.value == value; })
      ->text;
}

template <typename T, size_t N>
std::string ListWords(const Word<T> (&words)[N]) {
  std::string list(words[0].text);
  for (size_t i = 1; i < N; ++i) list += base::StrCat(i + 1 == N ? " or " : ", ", words[i].text);
  return list;
}

inline constexpr Word<Criteria> kCriteria[] = {{"distance", Criteria::kDistance},
                                               {"average", Criteria::kAverage},
                                               {"smaller", Criteria::kSmaller},
                                               {"greater", Criteria::kGreater}};
inline constexpr Word<OptionType> kOptionTypes[] = {{"all", OptionType::kAll},
                                                    {"any", OptionType::kAny},
                                                    {"unique", OptionType::kUnique},
                                                    {"disable", OptionType::kDisable}};
inline constexpr Word<BlockedPlayers> kBlockedPlayers[] = {
    {"blockedPlayerCannotMatch", BlockedPlayers::kCannotMatch},
    {"blockedPlayerCanMatchOnDifferentTeam", BlockedPlayers::kCanMatchOnDifferentTeam},
    {"blockedPlayerCanMatch", BlockedPlayers::kCanMatch}};
inline constexpr Word<Strategy> kStrategies[] = {{"oldest_first", Strategy::kOldestFirst},
                                                 {"quality", Strategy::kQuality}};
inline constexpr Word<SubGameModeSelection> kSelections[] = {
    {"random", SubGameModeSelection::kRandom}, {"ticketOrder", SubGameModeSelection::kTicketOrder}};

// `text` is UTF-8.
inline size_t CountCharacters(std::string_view text) {
  constexpr unsigned char kTopBits = 0xc0;
  constexpr unsigned char kContinuation = 0x80;
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](unsigned char byte) {
    return (byte & kTopBits) != kContinuation;
  }));
}

}  // namespace muster::match::alliance
