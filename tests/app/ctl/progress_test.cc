#include "app/ctl/progress.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace muster::app::ctl {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): the way to get 1ms

class ProgressTest : public testing::Test {
 protected:
  Io MakeIo(bool terminal) {
    return {.in = in_, .out = out_, .err = err_, .err_is_terminal = terminal, .clock = clock_};
  }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  fakes::FakeClock clock_;
};

TEST_F(ProgressTest, IsSilentInTheFirstSecond) {
  const Io io = MakeIo(true);
  Progress progress(io, "sent", "matches");

  clock_.Advance(999ms);
  progress.CountSent();

  EXPECT_EQ(err_.str(), "");
}

TEST_F(ProgressTest, ShowsBothCountsAFewTimesASecondAndWipesItselfAway) {
  const Io io = MakeIo(true);
  {
    Progress progress(io, "sent", "matches");
    clock_.Advance(1000ms);
    for (int i = 0; i < 1234; ++i) progress.CountSent();
    clock_.Advance(200ms);
    progress.CountReceived();
  }

  EXPECT_EQ(err_.str(),
            "\r\x1b[K1 sent, 0 matches"
            "\r\x1b[K1,234 sent, 1 matches"
            "\r\x1b[K");
}

TEST_F(ProgressTest, IsSilentWhereThereIsNoTerminal) {
  const Io io = MakeIo(false);
  Progress progress(io, "sent", "matches");

  clock_.Advance(5000ms);
  progress.CountSent();

  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace muster::app::ctl
