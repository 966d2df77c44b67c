#pragma once

#include <string>

#include "absl/status/status.h"

namespace muster::net {

// OK when every certificate of `certificate` (PEM, possibly a chain) can be read and `private_key`
// (PEM, not encrypted) belongs to the first; else INVALID_ARGUMENT saying which is wrong. Text
// between the certificates is passed over, and when they expire is not looked at.
absl::Status CheckKeyPair(const std::string& certificate, const std::string& private_key);

// OK when the PEM text holds at least one certificate and every one can be read; else
// INVALID_ARGUMENT saying which cannot.
absl::Status CheckCertificates(const std::string& certificates);

}  // namespace muster::net
