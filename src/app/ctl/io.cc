#include "app/ctl/io.h"

#include <ostream>

namespace muster::app::ctl {

ExitCode FailCall(const Io& io, std::string_view command, const absl::Status& status) {
  io.err << "musterctl " << command << ": " << absl::StatusCodeToString(status.code()) << ": "
         << status.message() << "\n";
  return kCallFailed;
}

ExitCode FailInput(const Io& io, std::string_view command, const absl::Status& status) {
  io.err << "musterctl " << command << ": " << status.message() << "\n";
  return kBadInput;
}

std::string WithCommas(int64_t number) {
  std::string digits = std::to_string(number);
  const int64_t sign = number < 0 ? 1 : 0;
  for (int64_t at = static_cast<int64_t>(digits.size()) - 3; at > sign; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

}  // namespace muster::app::ctl
