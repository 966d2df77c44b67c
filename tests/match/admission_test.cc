#include "match/admission.h"

#include <deque>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace muster::match {
namespace {

constexpr auto kAdmitted = std::nullopt;

class AdmissionTest : public testing::Test {
 protected:
  std::optional<LeftOut> Admit(std::string_view id, std::vector<std::string_view> player_ids,
                               std::string_view pool = "pool") {
    return admission_.Admit({id, pool, std::move(player_ids)});
  }
  void Forget(std::string_view id, std::vector<std::string_view> player_ids,
              std::string_view pool = "pool") {
    admission_.Forget({id, pool, std::move(player_ids)});
  }
  std::optional<LeftOut> AdmitBackfill(std::string_view id, std::string_view pool = "pool") {
    return admission_.AdmitBackfill(id, pool);
  }

 private:
  Admission admission_;
};

TEST_F(AdmissionTest, AdmitsDifferentTicketsOfOnePool) {
  EXPECT_EQ(Admit("t1", {"alice"}), kAdmitted);
  EXPECT_EQ(Admit("t2", {"bob", "carol"}), kAdmitted);
}

TEST_F(AdmissionTest, TheFirstTicketsPoolIsTheStreams) {
  EXPECT_EQ(Admit("t1", {"alice"}, "a"), kAdmitted);

  EXPECT_EQ(Admit("t2", {"bob"}, "b"), LeftOut::kOtherPool);
  EXPECT_EQ(Admit("t3", {"carol"}, "a"), kAdmitted);
}

TEST_F(AdmissionTest, TheEmptyPoolIsAPoolLikeAnother) {
  EXPECT_EQ(Admit("t1", {"alice"}, ""), kAdmitted);

  EXPECT_EQ(Admit("t2", {"bob"}, "a"), LeftOut::kOtherPool);
}

TEST_F(AdmissionTest, ATicketThatIsLeftOutDoesNotChooseThePool) {
  EXPECT_EQ(Admit("t1", {}, "a"), LeftOut::kNoPlayers);

  EXPECT_EQ(Admit("t2", {"bob"}, "b"), kAdmitted);
}

TEST_F(AdmissionTest, LeavesOutATicketWithoutPlayers) {
  EXPECT_EQ(Admit("t1", {}), LeftOut::kNoPlayers);
}

TEST_F(AdmissionTest, LeavesOutATicketWithAnEmptyPlayerId) {
  EXPECT_EQ(Admit("t1", {"alice", ""}), LeftOut::kEmptyPlayerId);
}

TEST_F(AdmissionTest, LeavesOutATicketThatNamesAPlayerTwice) {
  EXPECT_EQ(Admit("t1", {"alice", "bob", "alice"}), LeftOut::kRepeatedPlayer);
}

TEST_F(AdmissionTest, LeavesOutATicketIdThatWasSeen) {
  EXPECT_EQ(Admit("t1", {"alice"}), kAdmitted);

  EXPECT_EQ(Admit("t1", {"bob"}), LeftOut::kTicketSeen);
}

TEST_F(AdmissionTest, LeavesOutAPlayerWhoWasSeen) {
  EXPECT_EQ(Admit("t1", {"alice"}), kAdmitted);

  EXPECT_EQ(Admit("t2", {"bob", "alice"}), LeftOut::kPlayerSeen);
}

TEST_F(AdmissionTest, AnEmptyTicketIdIsNeverARepetition) {
  EXPECT_EQ(Admit("", {"alice"}), kAdmitted);
  EXPECT_EQ(Admit("", {"bob"}), kAdmitted);
}

TEST_F(AdmissionTest, NothingIsRememberedOfATicketThatIsLeftOut) {
  ASSERT_EQ(Admit("t1", {"alice"}), kAdmitted);
  EXPECT_EQ(Admit("t2", {"bob", "alice"}), LeftOut::kPlayerSeen);
  EXPECT_EQ(Admit("t3", {"carol", ""}), LeftOut::kEmptyPlayerId);
  EXPECT_EQ(Admit("t4", {"dave", "dave"}), LeftOut::kRepeatedPlayer);
  EXPECT_EQ(Admit("t1", {"erin"}), LeftOut::kTicketSeen);

  EXPECT_EQ(Admit("t2", {"bob"}), kAdmitted);
  EXPECT_EQ(Admit("t3", {"carol"}), kAdmitted);
  EXPECT_EQ(Admit("t4", {"dave"}), kAdmitted);
  EXPECT_EQ(Admit("t5", {"erin"}), kAdmitted);
}

TEST_F(AdmissionTest, APlayerWhoWasSeenStaysSeenAfterARefusal) {
  ASSERT_EQ(Admit("t1", {"alice"}), kAdmitted);
  EXPECT_EQ(Admit("t2", {"bob", "alice"}), LeftOut::kPlayerSeen);

  EXPECT_EQ(Admit("t3", {"alice"}), LeftOut::kPlayerSeen);
}

TEST_F(AdmissionTest, ForgetGivesBackTheIdAndThePlayers) {
  ASSERT_EQ(Admit("t1", {"alice", "bob"}), kAdmitted);

  Forget("t1", {"alice", "bob"});

  EXPECT_EQ(Admit("t1", {"bob", "alice"}), kAdmitted);
}

TEST_F(AdmissionTest, ForgetGivesBackThePoolThatTheTicketChose) {
  ASSERT_EQ(Admit("t1", {"alice"}, "a"), kAdmitted);

  Forget("t1", {"alice"}, "a");

  EXPECT_EQ(Admit("t2", {"bob"}, "b"), kAdmitted);
}

TEST_F(AdmissionTest, ForgetKeepsAPoolThatAnotherTicketChose) {
  ASSERT_EQ(Admit("t1", {"alice"}, "a"), kAdmitted);
  ASSERT_EQ(Admit("t2", {"bob"}, "a"), kAdmitted);

  Forget("t2", {"bob"}, "a");

  EXPECT_EQ(Admit("t3", {"carol"}, "b"), LeftOut::kOtherPool);
}

TEST_F(AdmissionTest, ABackfillTicketMayBeSeenOnce) {
  EXPECT_EQ(AdmitBackfill("b1"), kAdmitted);
  EXPECT_EQ(AdmitBackfill("b2"), kAdmitted);

  EXPECT_EQ(AdmitBackfill("b1"), LeftOut::kTicketSeen);
}

TEST_F(AdmissionTest, ABackfillTicketWithoutIdIsNeverARepetition) {
  EXPECT_EQ(AdmitBackfill(""), kAdmitted);
  EXPECT_EQ(AdmitBackfill(""), kAdmitted);
}

TEST_F(AdmissionTest, TicketsAndBackfillTicketsShareThePoolButNotTheIds) {
  EXPECT_EQ(AdmitBackfill("id", "a"), kAdmitted);

  EXPECT_EQ(Admit("id", {"alice"}, "a"), kAdmitted);
  EXPECT_EQ(Admit("t2", {"bob"}, "b"), LeftOut::kOtherPool);
  EXPECT_EQ(AdmitBackfill("b2", "b"), LeftOut::kOtherPool);
}

TEST_F(AdmissionTest, ABackfillTicketOfAnotherPoolIsNotRemembered) {
  EXPECT_EQ(AdmitBackfill("b1", "a"), kAdmitted);
  EXPECT_EQ(AdmitBackfill("b2", "b"), LeftOut::kOtherPool);

  EXPECT_EQ(AdmitBackfill("b2", "a"), kAdmitted);
}

TEST_F(AdmissionTest, TakesALargePartyInLinearTime) {
  std::deque<std::string> names;
  for (int i = 0; i < 100'000; ++i) names.push_back("player " + std::to_string(i));

  const std::vector<std::string_view> player_ids(names.begin(), names.end());

  EXPECT_EQ(Admit("t1", player_ids), kAdmitted);
  EXPECT_EQ(Admit("t2", player_ids), LeftOut::kPlayerSeen);
}

}  // namespace
}  // namespace muster::match
