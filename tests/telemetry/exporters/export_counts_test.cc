#include "telemetry/exporters/export_counts.h"

#include "gtest/gtest.h"

namespace muster::telemetry::exporters {
namespace {

TEST(ExportCounts, EachReasonHasAName) {
  EXPECT_EQ(DropReasonName(DropReason::kQueueFull), "queue_full");
  EXPECT_EQ(DropReasonName(DropReason::kRefused), "refused");
  EXPECT_EQ(DropReasonName(DropReason::kGaveUp), "gave_up");
}

TEST(ExportCounts, DropsAreCountedByReason) {
  ExportCounts counts;

  counts.Drop(DropReason::kRefused, 2);
  counts.Drop(DropReason::kRefused, 3);
  counts.Drop(DropReason::kGaveUp, 1);

  EXPECT_EQ(counts.dropped[static_cast<size_t>(DropReason::kQueueFull)], 0);
  EXPECT_EQ(counts.dropped[static_cast<size_t>(DropReason::kRefused)], 5);
  EXPECT_EQ(counts.dropped[static_cast<size_t>(DropReason::kGaveUp)], 1);
}

}  // namespace
}  // namespace muster::telemetry::exporters
