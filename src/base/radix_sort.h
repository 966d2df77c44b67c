#pragma once

#include <cstdint>
#include <vector>

namespace muster::base {

// A key to sort by and what it belongs to.
struct RadixItem {
  uint64_t key = 0;
  uint32_t index = 0;
};

// The bits of a number in an order-keeping form: a < b exactly when the keys are so. -0 counts as
// 0; not for NaN.
uint64_t RadixKey(double value);
uint64_t RadixKey(int64_t value);

// Sorts by key; items with equal keys keep their order. Linear: one pass for each 11 bits in which
// the keys differ at all. `scratch` is used again to save memory.
void RadixSort(std::vector<RadixItem>* items, std::vector<RadixItem>* scratch);

}  // namespace muster::base
