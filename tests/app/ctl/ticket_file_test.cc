#include "app/ctl/ticket_file.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/app/ctl/ctl_driver.h"
#include "tests/support/status_matchers.h"

namespace muster::app::ctl {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

class TicketFileTest : public testing::Test {
 protected:
  absl::StatusOr<TicketFile> Open(const std::string& text) {
    in_.str(text);
    return TicketFile::Open("-", TicketKind::kTicket, io_);
  }

  std::istringstream in_;
  std::ostringstream out_;
  fakes::FakeClock clock_;
  Io io_ = {.in = in_, .out = out_, .err = out_, .err_is_terminal = false, .clock = clock_};
};

TEST_F(TicketFileTest, HandsOutOneTicketALineAndThenNothing) {
  auto file = Open(R"({"ticketId":"a"})"
                   "\n\n \t\r\n"
                   R"({"ticket_id":"b"})");

  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->Next().value()->id, "a");
  EXPECT_EQ(file->Next().value()->id, "b");
  EXPECT_FALSE(file->Next().value().has_value());
  EXPECT_FALSE(file->Next().value().has_value());
  EXPECT_THAT(file->status(), IsOk());
}

TEST_F(TicketFileTest, NamesTheBadLineAgainAndAgain) {
  auto file = Open("{}\n[]\n{}\n");

  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(file->Next(), IsOk());
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(file->Next(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("standard input line 2: ")));
  }
  EXPECT_THAT(file->status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 2")));
}

TEST_F(TicketFileTest, ReadsAFile) {
  const std::string path = WriteFile("tickets", TicketLines({"a"}));

  auto file = TicketFile::Open(path, TicketKind::kTicket, io_);

  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->Next().value()->id, "a");
}

TEST_F(TicketFileTest, SaysWhichFileDoesNotOpen) {
  EXPECT_THAT(TicketFile::Open("/no/such", TicketKind::kTicket, io_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such")));
}

TEST(ReadTextFile, ReadsAllOfAFileAndNothingForAnEmptyPath) {
  EXPECT_EQ(ReadTextFile(WriteFile("text", "one\ntwo")).value(), "one\ntwo");
  EXPECT_EQ(ReadTextFile(WriteFile("empty", "")).value(), "");
  EXPECT_EQ(ReadTextFile("").value(), "");
  EXPECT_THAT(ReadTextFile("/no/such"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/")));
}

}  // namespace
}  // namespace muster::app::ctl
