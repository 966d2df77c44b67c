#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace muster::lab {

// Random numbers that are the same on every machine for one seed: std::mt19937_64 is specified to
// the bit by the C++ standard, its distributions are not, so these are our own, in whole numbers
// only. Not thread-safe.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}

  // A whole number in [low, high], all equally likely; needs low <= high.
  int64_t Uniform(int64_t low, int64_t high);

  // About normally distributed, never further than six deviations from the mean: the sum of twelve
  // uniform numbers (Irwin-Hall).
  int64_t Normal(int64_t mean, int64_t deviation);

  // An index into `weights`, each as likely as its weight. Needs one weight above zero, none below.
  size_t Pick(const std::vector<int64_t>& weights);

 private:
  std::mt19937_64 engine_;
};

}  // namespace muster::lab
