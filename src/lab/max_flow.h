#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace muster::lab {

// Nodes and edges, both counted from 0.
class FlowNetwork {
 public:
  struct Edge {
    uint32_t from = 0;
    uint32_t to = 0;
    int64_t capacity = 0;
  };
  static constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max() / 4;

  // Returns the new node.
  uint32_t AddNode() { return nodes_++; }
  // A new edge that lets up to `capacity` flow from `from` to `to`. Returns its number.
  size_t AddEdge(uint32_t from, uint32_t to, int64_t capacity) {
    edges_.push_back({from, to, capacity});
    return edges_.size() - 1;
  }

  uint32_t nodes() const { return nodes_; }
  const std::vector<Edge>& edges() const { return edges_; }

 private:
  uint32_t nodes_ = 0;
  std::vector<Edge> edges_;
};

// The most that can flow through a network from one node to another: Dinic's algorithm (E. A.
// Dinic, 1970), O(V^2 E) at worst and far from it on networks of few levels. Not thread-safe.
class MaxFlow {
 public:
  // Copies what it needs; nothing flows yet.
  explicit MaxFlow(const FlowNetwork& network);

  // Lets `more` flow through an edge than so far.
  void Widen(size_t edge, int64_t more) { arcs_[places_[edge]].room += more; }

  // Adds as much as possible to what flows already, and returns what was added. What leaves
  // `source` through one of its edges never becomes less, so that edges widened first keep theirs.
  int64_t Augment(uint32_t source, uint32_t sink);
  // What flows through an edge now.
  int64_t FlowOf(size_t edge) const { return arcs_[arcs_[places_[edge]].reverse].room; }

 private:
  // An edge, or its reverse, which may take back what flows. Those of one node stand together, as
  // a large network is searched as fast as memory is read.
  struct Arc {
    uint32_t to = 0;
    uint32_t reverse = 0;
    int64_t room = 0;
  };

  bool FindLevels(uint32_t source, uint32_t sink);
  // Pushes along one path, and returns how much; 0 when there is no more.
  int64_t Push(uint32_t source, uint32_t sink);

  std::vector<Arc> arcs_;
  // Where the arcs of each node begin, and as the last where all end.
  std::vector<uint32_t> begin_;
  // Where the arc of each edge is.
  std::vector<uint32_t> places_;
  // For each node: the arc to try next, and its distance from the source.
  std::vector<uint32_t> current_;
  std::vector<int32_t> level_;
  // Scratch space.
  std::vector<uint32_t> queue_;
  std::vector<uint32_t> path_;
};

}  // namespace muster::lab
