#include "lab/max_flow.h"

#include <algorithm>

namespace muster::lab {
namespace {

constexpr int32_t kUnseen = -1;

}  // namespace

MaxFlow::MaxFlow(const FlowNetwork& network)
    : arcs_(2 * network.edges().size()), begin_(network.nodes() + 1, 0) {
  for (const FlowNetwork::Edge& edge : network.edges()) {
    ++begin_[edge.from + 1];
    ++begin_[edge.to + 1];
  }
  for (size_t node = 1; node < begin_.size(); ++node) begin_[node] += begin_[node - 1];
  std::vector<uint32_t> free(begin_.begin(), begin_.end() - 1);
  places_.reserve(network.edges().size());
  for (const FlowNetwork::Edge& edge : network.edges()) {
    const uint32_t place = free[edge.from]++;
    const uint32_t reverse = free[edge.to]++;
    arcs_[place] = {edge.to, reverse, edge.capacity};
    arcs_[reverse] = {edge.from, place, 0};
    places_.push_back(place);
  }
}

bool MaxFlow::FindLevels(uint32_t source, uint32_t sink) {
  level_.assign(begin_.size() - 1, kUnseen);
  level_[source] = 0;
  queue_.assign(1, source);
  for (size_t head = 0; head < queue_.size() && level_[sink] == kUnseen; ++head) {
    const uint32_t node = queue_[head];
    for (uint32_t arc = begin_[node]; arc < begin_[node + 1]; ++arc) {
      const uint32_t to = arcs_[arc].to;
      if (arcs_[arc].room == 0 || level_[to] != kUnseen) continue;
      level_[to] = level_[node] + 1;
      queue_.push_back(to);
    }
  }
  return level_[sink] != kUnseen;
}

int64_t MaxFlow::Push(uint32_t source, uint32_t sink) {
  // Depth first without recursion: a path may be as long as the network is large.
  path_.clear();
  uint32_t node = source;
  while (node != sink) {
    uint32_t& arc = current_[node];
    const auto leads_on = [&] {
      return arcs_[arc].room > 0 && level_[arcs_[arc].to] == level_[node] + 1;
    };
    while (arc < begin_[node + 1] && !leads_on()) ++arc;
    if (arc < begin_[node + 1]) {
      path_.push_back(arc);
      node = arcs_[arc].to;
      continue;
    }
    if (path_.empty()) return 0;
    // A dead end: back, and past the arc that led here.
    node = arcs_[arcs_[path_.back()].reverse].to;
    current_[node] = path_.back() + 1;
    path_.pop_back();
  }
  int64_t amount = FlowNetwork::kUnlimited;
  for (const uint32_t arc : path_) amount = std::min(amount, arcs_[arc].room);
  for (const uint32_t arc : path_) {
    arcs_[arc].room -= amount;
    arcs_[arcs_[arc].reverse].room += amount;
  }
  return amount;
}

int64_t MaxFlow::Augment(uint32_t source, uint32_t sink) {
  int64_t total = 0;
  while (FindLevels(source, sink)) {
    current_.assign(begin_.begin(), begin_.end() - 1);
    while (const int64_t amount = Push(source, sink)) total += amount;
  }
  return total;
}

}  // namespace muster::lab
