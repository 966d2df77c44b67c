#include "lab/random.h"

#include <numeric>

namespace muster::lab {

int64_t SeededRandom::Uniform(int64_t low, int64_t high) {
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  return low + static_cast<int64_t>(engine_() % span);
}

int64_t SeededRandom::Normal(int64_t mean, int64_t deviation) {
  // Twelve numbers in [0, 65535], four from each draw: their sum has the deviation 65536.
  constexpr int64_t kMeanOfSum = 12 * 65535 / 2;
  int64_t sum = 0;
  for (int draw = 0; draw < 3; ++draw) {
    uint64_t bits = engine_();
    for (int part = 0; part < 4; ++part, bits >>= 16) sum += static_cast<int64_t>(bits & 0xffff);
  }
  return mean + (sum - kMeanOfSum) * deviation / 65536;
}

size_t SeededRandom::Pick(const std::vector<int64_t>& weights) {
  int64_t left = Uniform(1, std::accumulate(weights.begin(), weights.end(), int64_t{0}));
  for (size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left <= 0) return i;
  }
  return weights.size() - 1;
}

}  // namespace muster::lab
