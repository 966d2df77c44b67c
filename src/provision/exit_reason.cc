#include "provision/exit_reason.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"

namespace muster::provision {
namespace {

constexpr size_t kMaxLineBytes = 200;
constexpr size_t kMaxTextBytes = 300;
constexpr int kFirstSignal = 128;

std::string Printable(std::string_view text, size_t max_bytes) {
  std::string printable(text.substr(0, max_bytes));
  for (char& c : printable) {
    if (absl::ascii_isspace(c)) c = ' ';
    if (!absl::ascii_isprint(c)) c = '?';
  }
  return printable;
}

// Whether it could name a machine: a URL, "host:80", "10.0.0.1" or "registry.example".
bool LooksLikeAddress(std::string_view word) {
  if (word.find("://") != std::string_view::npos) return true;
  // "0.5" is none.
  const bool number = word.find_first_not_of("0123456789.") == std::string_view::npos;
  if (number && word.find('.') == word.rfind('.')) return false;
  for (size_t i = 1; i + 1 < word.size(); ++i) {
    if (word[i] == ':' && absl::ascii_isdigit(word[i + 1])) return true;
    if (word[i] == '.' && absl::ascii_isalnum(word[i - 1]) && absl::ascii_isalnum(word[i + 1])) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string LastLine(std::string_view output) {
  const std::string_view text = base::FromAbsl(absl::StripAsciiWhitespace(base::ToAbsl(output)));
  const size_t end_before = text.find_last_of("\r\n");
  return Printable(end_before == std::string_view::npos ? text : text.substr(end_before + 1),
                   kMaxLineBytes);
}

std::string WithLastLine(std::string reason, std::string_view output) {
  const std::string line = LastLine(output);
  return line.empty() ? reason : base::StrCat(reason, ": ", line);
}

std::string ExitReason(int exit_code, bool out_of_memory, std::string_view output) {
  std::string reason = base::StrCat("exited with ", exit_code);
  if (out_of_memory) {
    reason += " (out of memory)";
  } else if (exit_code > kFirstSignal) {
    reason += base::StrCat(" (signal ", exit_code - kFirstSignal, ")");
  }
  return WithLastLine(std::move(reason), output);
}

std::string FitForPlayers(std::string_view text) {
  std::string fit;
  for (const absl::string_view part : absl::StrSplit(base::ToAbsl(text), ' ', absl::SkipEmpty())) {
    const std::string_view word = base::FromAbsl(part);
    if (fit.size() > kMaxTextBytes) break;
    if (!fit.empty()) fit += ' ';
    fit += LooksLikeAddress(word) ? std::string_view("(address)") : word;
  }
  return Printable(fit, kMaxTextBytes);
}

}  // namespace muster::provision
