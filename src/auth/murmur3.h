#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace muster::auth {

// MurmurHash3 x64 128 of `text` with seed 0 (Austin Appleby's definition): its two halves. Not for
// secrets.
std::pair<uint64_t, uint64_t> Murmur3(std::string_view text);

}  // namespace muster::auth
