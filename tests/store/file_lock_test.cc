#include "store/sqlite/file_lock.h"

#include <thread>
#include <utility>

#include "gmock/gmock.h"
#include "tests/store/scratch_folder.h"
#include "tests/support/status_matchers.h"

namespace muster::store::sqlite {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

class FileLockTest : public testing::Test {
 protected:
  const ScratchFolder folder_;
  const std::string path_ = folder_.File("lobby.db");
};

TEST_F(FileLockTest, OneHolderAtATime) {
  const auto first = FileLock::Take(path_);
  ASSERT_THAT(first, IsOk());

  EXPECT_THAT(FileLock::Take(path_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                              AllOf(HasSubstr(path_), HasSubstr("in use"))));
}

TEST_F(FileLockTest, WaitsALittleForAHolderThatEnds) {
  auto first = FileLock::Take(path_);
  ASSERT_THAT(first, IsOk());

  const std::jthread ends([held = *std::move(first)] {});

  EXPECT_THAT(FileLock::Take(path_), IsOk());
}

}  // namespace
}  // namespace muster::store::sqlite
