#include "provision/port_spec.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "base/strings.h"

namespace muster::provision {
namespace {

constexpr int kMaxPort = 65535;

}  // namespace

std::string PortSpec::ToString() const { return base::StrCat(port, "/", protocol); }

absl::StatusOr<PortSpec> ParsePortSpec(std::string_view variable, std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view number = text.substr(0, slash);
  PortSpec spec;
  if (slash != std::string_view::npos) {
    spec.protocol = absl::AsciiStrToLower(base::ToAbsl(text.substr(slash + 1)));
  }
  const bool digits = !number.empty() && number.find_first_not_of("0123456789") == number.npos;
  const bool known = spec.protocol == "tcp" || spec.protocol == "udp";
  if (!digits || !known || !absl::SimpleAtoi(base::ToAbsl(number), &spec.port) || spec.port < 1 ||
      spec.port > kMaxPort) {
    return absl::InvalidArgumentError(base::StrCat(
        variable, ": \"", text, "\" is no port from 1 to 65535, as in 3000, 3000/tcp or 3000/udp"));
  }
  return spec;
}

}  // namespace muster::provision
