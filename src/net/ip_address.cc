#include "net/ip_address.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace muster::net {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using Bytes = std::vector<uint8_t>;

// A number of at most `max_digits` digits and nothing else.
std::optional<int> ParseNumber(std::string_view text, int base, size_t max_digits) {
  int number = 0;
  if (text.empty() || text.size() > max_digits || text.front() == '-') return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

// Cuts the text before the first `separator` off `rest`; all of it when there is none.
std::string_view CutPart(std::string_view* rest, char separator) {
  const std::string_view part = rest->substr(0, rest->find(separator));
  rest->remove_prefix(std::min(part.size() + 1, rest->size()));
  return part;
}

// Appends the four bytes of "a.b.c.d".
bool AppendDottedDecimal(std::string_view text, Bytes* out) {
  if (std::count(text.begin(), text.end(), '.') != 3 || text.back() == '.') return false;
  while (!text.empty()) {
    const std::string_view part = CutPart(&text, '.');
    const std::optional<int> byte = ParseNumber(part, 10, 3);
    // Some readers take a leading zero for octal.
    if (!byte || *byte > 255 || (part.size() > 1 && part.front() == '0')) return false;
    out->push_back(static_cast<uint8_t>(*byte));
  }
  return true;
}

// Appends the bytes of "1:2:3", with an IPv4 address as the last part if it `may_end_dotted`.
bool AppendGroups(std::string_view text, bool may_end_dotted, Bytes* out) {
  if (text.ends_with(':')) return false;
  while (!text.empty()) {
    const std::string_view part = CutPart(&text, ':');
    if (may_end_dotted && text.empty() && part.find('.') != std::string_view::npos) {
      return AppendDottedDecimal(part, out);
    }
    const std::optional<int> group = ParseNumber(part, 16, 4);
    if (!group) return false;
    out->push_back(static_cast<uint8_t>(*group >> 8));
    out->push_back(static_cast<uint8_t>(*group & 0xff));
  }
  return true;
}

std::optional<IpAddress> ParseIpv6(std::string_view text) {
  IpAddress address = {};
  const size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  Bytes head;
  Bytes tail;
  if (!AppendGroups(text.substr(0, gap), !has_gap, &head)) return std::nullopt;
  if (has_gap && !AppendGroups(text.substr(gap + 2), true, &tail)) return std::nullopt;
  const size_t bytes = head.size() + tail.size();
  // A gap stands for one group at least.
  if (has_gap ? bytes > address.size() - 2 : bytes != address.size()) return std::nullopt;
  std::copy(head.begin(), head.end(), address.begin());
  std::copy(tail.rbegin(), tail.rend(), address.rbegin());
  return address;
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  // The longest is eight groups of which the last two are dotted decimals.
  constexpr size_t kMaxText = 45;
  if (text.empty() || text.size() > kMaxText) return std::nullopt;
  if (text.find(':') != std::string_view::npos) return ParseIpv6(text);
  Bytes dotted;
  if (!AppendDottedDecimal(text, &dotted)) return std::nullopt;
  IpAddress address = {};
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin());
  std::copy(dotted.rbegin(), dotted.rend(), address.rbegin());
  return address;
}

bool IsMapped(const IpAddress& address) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin());
}

}  // namespace muster::net
