#include "app/ctl/match_view.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::app::ctl {
namespace {

using rpc::client::MatchResult;
using testing::ElementsAre;

MatchResult FiveAgainstFour() {
  MatchResult match;
  match.ticket_ids = {"t1", "t2", "t3"};
  match.teams.push_back({"red", {"a", "b", "c", "d", "e"}, {{"a", "b", "c"}, {"d", "e"}}, {}});
  match.teams.push_back({"blue", {"f", "g", "h", "i"}, {{"f", "g", "h", "i"}}, {}});
  match.teams[0].ratings = {1500, 1520};
  match.teams[1].ratings = {1490.4};
  match.regions = {"east", "west", "north"};
  match.backfill = true;
  return match;
}

TEST(MatchView, ShowsAMatchAsARow) {
  EXPECT_EQ(MatchRowTitles().size(), MatchRow(1, {}).size());
  EXPECT_THAT(MatchRow(7, FiveAgainstFour()), ElementsAre("7", "t1, t2, t3", "9", "5 v 4", "30",
                                                          "east, west and 1 more", "wanted"));
}

TEST(MatchView, ShowsAMatchTeamByTeam) {
  std::ostringstream out;

  PrintTeams(7, FiveAgainstFour(), "mmr", out);

  EXPECT_EQ(out.str(),
            "Match 7: 5 v 4 in east, more wanted\n"
            "  team 1, mean mmr 1,510: a+b+c, d+e\n"
            "  team 2, mean mmr 1,490: f+g+h+i\n");
}

TEST(MatchView, LeavesOutWhatAMatchDoesNotHave) {
  MatchResult match;
  match.teams.push_back({"", {"a", "b"}, {}, {}});
  std::ostringstream out;

  PrintTeams(1, match, "mmr", out);

  EXPECT_EQ(out.str(), "Match 1: 2\n  team 1: a, b\n");
  EXPECT_THAT(MatchRow(1, match), ElementsAre("1", "", "2", "2", "", "", ""));
}

}  // namespace
}  // namespace muster::app::ctl
