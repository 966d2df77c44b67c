#include "net/never_sent.h"

#include "absl/strings/cord.h"

namespace muster::net {
namespace {

constexpr char kMark[] = "muster/never-sent";

}  // namespace

bool NeverSent(const absl::Status& error) { return error.GetPayload(kMark).has_value(); }

absl::Status MarkNeverSent(absl::Status error) {
  error.SetPayload(kMark, absl::Cord());
  return error;
}

}  // namespace muster::net
