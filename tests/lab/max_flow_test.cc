#include "lab/max_flow.h"

#include <bit>
#include <random>

#include "gtest/gtest.h"

namespace muster::lab {
namespace {

TEST(MaxFlow, FindsTheNarrowestCut) {
  FlowNetwork network;
  for (int i = 0; i < 4; ++i) network.AddNode();
  const size_t upper = network.AddEdge(0, 1, 3);
  const size_t lower = network.AddEdge(0, 2, 2);
  network.AddEdge(1, 2, 5);
  network.AddEdge(1, 3, 2);
  network.AddEdge(2, 3, 2);
  MaxFlow flow(network);

  EXPECT_EQ(flow.Augment(0, 3), 4);
  EXPECT_EQ(flow.FlowOf(upper) + flow.FlowOf(lower), 4);
}

TEST(MaxFlow, IsNothingWithoutAWay) {
  FlowNetwork network;
  network.AddNode();
  network.AddNode();
  MaxFlow flow(network);

  EXPECT_EQ(flow.Augment(0, 1), 0);
}

TEST(MaxFlow, TakesBackWhatWasSentTheWrongWay) {
  // given a first path 0-1-4-6 that takes the place of the only way from 2
  FlowNetwork network;
  for (int i = 0; i < 7; ++i) network.AddNode();
  network.AddEdge(0, 1, 1);
  const size_t late = network.AddEdge(0, 2, 0);
  network.AddEdge(1, 5, 1);
  network.AddEdge(1, 4, 1);
  network.AddEdge(2, 4, 1);
  network.AddEdge(4, 6, 1);
  network.AddEdge(5, 6, 1);
  MaxFlow flow(network);
  ASSERT_EQ(flow.Augment(0, 6), 1);

  flow.Widen(late, 1);

  EXPECT_EQ(flow.Augment(0, 6), 1);
  EXPECT_EQ(flow.FlowOf(late), 1);
}

// The least capacity of all cuts, by trying all of them.
int64_t LeastCut(const std::vector<std::vector<int64_t>>& capacity) {
  const size_t nodes = capacity.size();
  int64_t least = FlowNetwork::kUnlimited;
  for (uint32_t side = 1; side < (1U << (nodes - 1)); side += 2) {
    int64_t cut = 0;
    for (size_t from = 0; from < nodes; ++from) {
      for (size_t to = 0; to < nodes; ++to) {
        if ((side >> from & 1) == 1 && (side >> to & 1) == 0) cut += capacity[from][to];
      }
    }
    least = std::min(least, cut);
  }
  return least;
}

TEST(MaxFlow, IsTheLeastCutOfAnyNetwork) {
  constexpr size_t kNodes = 8;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    FlowNetwork network;
    for (size_t i = 0; i < kNodes; ++i) network.AddNode();
    std::vector<std::vector<int64_t>> capacity(kNodes, std::vector<int64_t>(kNodes, 0));
    for (int edge = 0; edge < 20; ++edge) {
      const auto from = static_cast<uint32_t>(random() % kNodes);
      const auto to = static_cast<uint32_t>(random() % kNodes);
      const auto room = static_cast<int64_t>(random() % 10);
      if (from == to) continue;
      capacity[from][to] += room;
      network.AddEdge(from, to, room);
    }

    MaxFlow flow(network);
    EXPECT_EQ(flow.Augment(0, kNodes - 1), LeastCut(capacity)) << "seed " << seed;
  }
}

TEST(MaxFlow, KeepsWhatLeavesTheSourceWhenMoreIsLetIn) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random(seed);
    FlowNetwork network;
    for (int i = 0; i < 12; ++i) network.AddNode();
    std::vector<size_t> doors;
    for (uint32_t i = 1; i <= 5; ++i) doors.push_back(network.AddEdge(0, i, i % 2));
    for (int edge = 0; edge < 10; ++edge) {
      const auto from = static_cast<uint32_t>(1 + random() % 5);
      const auto to = static_cast<uint32_t>(6 + random() % 5);
      network.AddEdge(from, to, 1 + static_cast<int64_t>(random() % 2));
    }
    for (uint32_t i = 6; i <= 10; ++i) network.AddEdge(i, 11, 1);
    MaxFlow flow(network);
    flow.Augment(0, 11);
    std::vector<int64_t> before;
    for (const size_t door : doors) before.push_back(flow.FlowOf(door));

    for (const size_t door : doors) flow.Widen(door, 2);
    flow.Augment(0, 11);

    for (size_t i = 0; i < doors.size(); ++i) {
      EXPECT_GE(flow.FlowOf(doors[i]), before[i]) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace muster::lab
