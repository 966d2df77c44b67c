#include "telemetry/exporters/export_counts.h"

namespace muster::telemetry::exporters {

std::string_view DropReasonName(DropReason reason) {
  switch (reason) {
    case DropReason::kQueueFull:
      return "queue_full";
    case DropReason::kRefused:
      return "refused";
    case DropReason::kGaveUp:
      return "gave_up";
  }
  return "unknown";
}

}  // namespace muster::telemetry::exporters
