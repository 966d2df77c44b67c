#pragma once

#include <cstdint>
#include <vector>

#include "lab/upper_bound.h"

namespace muster::lab {

// The most players in matches of two teams of five, counting party sizes, regions and ratings: two
// tickets may be in one match only if their regions share a bit and their ratings differ by at most
// `span`. Tickets have 1 to 5 players.
//
// Why no legal set of matches has more players. A match is ten players who share one region and
// whose ratings span at most `span`; a ticket that is not among so many, counting only those that
// are among so many themselves, is in none. Of the others look at the teams of a legal set, which
// are 5, 4+1, 3+2, 3+1+1, 2+2+1, 2+1+1+1 and 1+1+1+1+1, and let tickets pay for those
// they play with, in halves of a player:
//
//   a four is paid 2, by its solo;
//   a three is paid 4: by its two 4, or by each of its two solos 2;
//   a two is paid 1: by its three, or by a solo of its team, which then is 2+2+1 or 2+1+1+1.
//
// Then a solo pays 2 at most, since it is with one four, one three, or at most two twos; a two pays
// 4 and a three 1 at most. Only tickets of one match pay each other. So the payments are a flow in
// the network source -> fours, threes, twos -> payers they may be with -> sink, whose capacities
// are those numbers (a two or a three is there twice, as one who is paid and as one who pays), and
// the players of matched fours, threes and twos are 2, 3/4 and 2 for each half paid to them. Solos
// and fives count as matched. The most that a flow is worth this way therefore is a bound. The
// amounts that can leave the source form a polymatroid (they are the independent vectors of a flow
// network), on which the greedy way is the best: first all that can flow to those worth 2, then to
// the others.
int64_t PartyBound(const std::vector<BoundTicket>& tickets, double span);

}  // namespace muster::lab
