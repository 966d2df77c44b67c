#pragma once

#include <vector>

namespace muster::bench {

// The middle value, or the mean of the two middle ones. Needs one value at least.
double Median(std::vector<double> values);

struct Spread {
  double low = 0;
  double high = 0;
};

// The smallest and the largest value. Needs one value at least.
Spread SpreadOf(const std::vector<double>& values);

}  // namespace muster::bench
