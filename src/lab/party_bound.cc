#include "lab/party_bound.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lab/max_flow.h"

namespace muster::lab {
namespace {

constexpr int32_t kMatchPlayers = 10;
constexpr size_t kRegions = 32;
// By number of players, in halves of a player: see the header.
constexpr std::array<int64_t, 6> kPaid = {0, 0, 1, 4, 2, 0};
constexpr std::array<int64_t, 6> kPays = {0, 2, 4, 1, 0, 0};
// Who may pay whom: a three is paid by a two and a solo, and so on.
constexpr std::array<std::array<bool, 4>, 6> kPayers = {{{false, false, false, false},
                                                         {false, false, false, false},
                                                         {false, true, false, true},
                                                         {false, true, true, false},
                                                         {false, true, false, false},
                                                         {false, false, false, false}}};

bool Accepts(const BoundTicket& ticket, size_t region) {
  return (ticket.regions >> region & 1) != 0;
}

// Marks in `alive` the tickets that are among a whole match's players in the region within the
// span; only those count that are `standing`.
void MarkCrowded(const std::vector<BoundTicket>& tickets, const std::vector<bool>& standing,
                 size_t region, double span, std::vector<bool>& alive) {
  std::vector<size_t> here;
  for (size_t i = 0; i < tickets.size(); ++i) {
    if (standing[i] && Accepts(tickets[i], region)) here.push_back(i);
  }
  // From each ticket on, those up to `high` are within the span; those before `marked` are alive.
  size_t high = 0;
  size_t marked = 0;
  int64_t players = 0;
  for (size_t low = 0; low < here.size(); ++low) {
    const double most = tickets[here[low]].rating + span;
    while (high < here.size() && tickets[here[high]].rating <= most) {
      players += tickets[here[high++]].players;
    }
    if (players >= kMatchPlayers) {
      for (marked = std::max(marked, low); marked < high; ++marked) alive[here[marked]] = true;
    }
    players -= tickets[here[low]].players;
  }
}

// Those of the tickets, ordered by rating, that are not alone.
std::vector<BoundTicket> Crowded(std::vector<BoundTicket> tickets, double span) {
  std::ranges::sort(tickets, {}, &BoundTicket::rating);
  std::vector<bool> standing(tickets.size(), true);
  while (true) {
    std::vector<bool> alive(tickets.size(), false);
    for (size_t region = 0; region < kRegions; ++region) {
      MarkCrowded(tickets, standing, region, span, alive);
    }
    if (alive == standing) break;
    standing = std::move(alive);
  }
  std::vector<BoundTicket> crowded;
  for (size_t i = 0; i < tickets.size(); ++i) {
    if (standing[i]) crowded.push_back(tickets[i]);
  }
  return crowded;
}

// Payers of one size in one region, by rating, under a tree of nodes: an edge to a node reaches all
// payers below it, so that few edges reach all within a span.
class PayerTree {
 public:
  void Add(double rating, uint32_t node) {
    ratings_.push_back(rating);
    nodes_.push_back(node);
  }

  // Once all payers are added, in the order of their ratings.
  void Build(FlowNetwork& network) {
    const size_t leaves = nodes_.size();
    nodes_.insert(nodes_.begin(), leaves, 0);
    for (size_t i = 1; i < leaves; ++i) nodes_[i] = network.AddNode();
    for (size_t i = 1; i < leaves; ++i) {
      network.AddEdge(nodes_[i], nodes_[2 * i], FlowNetwork::kUnlimited);
      network.AddEdge(nodes_[i], nodes_[2 * i + 1], FlowNetwork::kUnlimited);
    }
  }

  // Lets those from `low` to `high` pay for `paid`.
  void Connect(FlowNetwork& network, uint32_t paid, double low, double high) const {
    const size_t leaves = ratings_.size();
    size_t first = std::ranges::lower_bound(ratings_, low) - ratings_.begin() + leaves;
    size_t end = std::ranges::upper_bound(ratings_, high) - ratings_.begin() + leaves;
    for (; first < end; first /= 2, end /= 2) {
      if (first % 2 == 1) network.AddEdge(paid, nodes_[first++], FlowNetwork::kUnlimited);
      if (end % 2 == 1) network.AddEdge(paid, nodes_[--end], FlowNetwork::kUnlimited);
    }
  }

 private:
  std::vector<double> ratings_;
  // Inner nodes from 1 on, of which each has the two at twice its place below it, then the payers.
  std::vector<uint32_t> nodes_;
};

class PaymentNetwork {
 public:
  PaymentNetwork(const std::vector<BoundTicket>& tickets, double span)
      : tickets_(tickets), span_(span), source_(network_.AddNode()), sink_(network_.AddNode()) {
    AddPayers();
    for (const BoundTicket& ticket : tickets_) AddPaid(ticket);
  }

  // The most players, not rounded down to whole ones, in quarters of a player.
  int64_t MostQuarters() const {
    MaxFlow flow(network_);
    int64_t quarters = 0;
    for (const BoundTicket& ticket : tickets_) {
      if (kPaid[ticket.players] == 0) quarters += int64_t{4} * ticket.players;
    }
    Open(flow, {2, 4});
    quarters += 8 * flow.Augment(source_, sink_);
    Open(flow, {3});
    quarters += 3 * flow.Augment(source_, sink_);
    return quarters;
  }

 private:
  void AddPayers() {
    for (const BoundTicket& ticket : tickets_) {
      if (kPays[ticket.players] == 0) continue;
      const uint32_t node = network_.AddNode();
      network_.AddEdge(node, sink_, kPays[ticket.players]);
      for (size_t region = 0; region < kRegions; ++region) {
        if (Accepts(ticket, region)) trees_[region][ticket.players].Add(ticket.rating, node);
      }
    }
    for (auto& sizes : trees_) {
      for (PayerTree& tree : sizes) tree.Build(network_);
    }
  }

  void AddPaid(const BoundTicket& ticket) {
    if (kPaid[ticket.players] == 0) return;
    const uint32_t node = network_.AddNode();
    doors_.emplace_back(network_.AddEdge(source_, node, 0), ticket.players);
    for (size_t region = 0; region < kRegions; ++region) {
      if (!Accepts(ticket, region)) continue;
      for (size_t size = 1; size < trees_[region].size(); ++size) {
        if (!kPayers[ticket.players][size]) continue;
        trees_[region][size].Connect(network_, node, ticket.rating - span_, ticket.rating + span_);
      }
    }
  }

  void Open(MaxFlow& flow, std::initializer_list<int32_t> sizes) const {
    for (const auto& [edge, players] : doors_) {
      if (std::ranges::count(sizes, players) > 0) flow.Widen(edge, kPaid[players]);
    }
  }

  const std::vector<BoundTicket>& tickets_;
  const double span_;
  FlowNetwork network_;
  const uint32_t source_;
  const uint32_t sink_;
  std::array<std::array<PayerTree, 4>, kRegions> trees_;
  // The edge from the source to each ticket that is paid, and its players.
  std::vector<std::pair<size_t, int32_t>> doors_;
};

}  // namespace

int64_t PartyBound(const std::vector<BoundTicket>& tickets, double span) {
  const std::vector<BoundTicket> crowded = Crowded(tickets, span);
  const int64_t players = PaymentNetwork(crowded, span).MostQuarters() / 4;
  return players / kMatchPlayers * kMatchPlayers;
}

}  // namespace muster::lab
