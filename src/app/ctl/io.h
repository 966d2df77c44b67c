#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/clock.h"

namespace muster::app::ctl {

// Where a command reads and writes, so that tests can look.
struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // Only then progress is shown.
  bool err_is_terminal = false;
  const base::Clock& clock;
};

// What musterctl ends with; scripts rely on the numbers.
enum ExitCode : int {
  kOk = 0,
  // A call failed, the answer breaks the contract, or the server is not serving.
  kCallFailed = 1,
  // Flags that make no sense, or a file that cannot be read.
  kBadInput = 2,
};

// Writes `musterctl <command>: <code>: <message>` to io.err and returns kCallFailed.
ExitCode FailCall(const Io& io, std::string_view command, const absl::Status& status);

// Writes `musterctl <command>: <message>` to io.err and returns kBadInput.
ExitCode FailInput(const Io& io, std::string_view command, const absl::Status& status);

// 10000 as "10,000".
std::string WithCommas(int64_t number);

}  // namespace muster::app::ctl
