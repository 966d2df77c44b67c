#include "app/ctl/ticket_account.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace muster::app::ctl {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

void Send(TicketAccount& account, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) account.CountSent(id);
}

TEST(TicketAccount, KnowsWhatIsMatchedAndWhatIsLeftOver) {
  TicketAccount account;

  Send(account, {"a", "b", "c"});
  account.CountAnswer({"a", "c"});

  const TicketAccount::Totals totals = account.totals();
  EXPECT_EQ(totals.tickets, 3);
  EXPECT_EQ(totals.answers, 1);
  EXPECT_EQ(totals.matched, 2);
  EXPECT_EQ(totals.left_over, 1);
  EXPECT_THAT(account.Check(), IsOk());
}

TEST(TicketAccount, FindsATicketThatComesBackTwice) {
  TicketAccount account;

  Send(account, {"a", "b"});
  account.CountAnswer({"a", "b"});
  account.CountAnswer({"b"});

  EXPECT_THAT(account.Check(), StatusIs(absl::StatusCode::kInternal, HasSubstr("twice: b")));
  EXPECT_EQ(account.totals().left_over, 0);
}

TEST(TicketAccount, FindsATicketThatWasNotSent) {
  TicketAccount account;

  Send(account, {"a"});
  account.CountAnswer({"x"});

  EXPECT_THAT(account.Check(), StatusIs(absl::StatusCode::kInternal, HasSubstr("not sent: x")));
  EXPECT_EQ(account.totals().left_over, 1);
}

TEST(TicketAccount, TakesTwoTicketsOfOneNameForOne) {
  TicketAccount account;

  Send(account, {"a", "a"});
  account.CountAnswer({"a"});
  EXPECT_THAT(account.Check(), IsOk());
  EXPECT_EQ(account.totals().left_over, 1);

  account.CountAnswer({"a"});
  EXPECT_THAT(account.Check(), StatusIs(absl::StatusCode::kInternal, HasSubstr("twice: a")));
}

TEST(TicketAccount, OnlyCountsTicketsWithoutAName) {
  TicketAccount account;

  Send(account, {"", ""});
  account.CountAnswer({"", ""});
  EXPECT_THAT(account.Check(), IsOk());

  account.CountAnswer({""});
  EXPECT_THAT(account.Check(), StatusIs(absl::StatusCode::kInternal, HasSubstr("twice")));
}

}  // namespace
}  // namespace muster::app::ctl
