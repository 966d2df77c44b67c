#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

// The body of Loki's push call:
// {"streams":[{"stream":{LABELS},"values":[["NANOSECONDS","LINE"],...]}]}. Format:
// https://grafana.com/docs/loki/latest/reference/loki-http-api/, "ingest logs".
namespace muster::telemetry::exporters {

// What stands before and after the values; values are joined by commas.
std::string LokiBefore(const std::map<std::string, std::string>& labels);
std::string LokiAfter();

// Appends one value. Bytes of the line that are not UTF-8 become U+FFFD.
void AppendLokiValue(std::string* out, base::Timestamp time, std::string_view line);

}  // namespace muster::telemetry::exporters
