#include "telemetry/exporters/loki_json.h"

#include <chrono>

#include "telemetry/json_text.h"

namespace muster::telemetry::exporters {

std::string LokiBefore(const std::map<std::string, std::string>& labels) {
  std::string text = R"({"streams":[{"stream":{)";
  for (const auto& [name, value] : labels) {
    if (text.back() != '{') text.push_back(',');
    AppendJsonString(&text, name);
    text.push_back(':');
    AppendJsonString(&text, value);
  }
  text.append(R"(},"values":[)");
  return text;
}

std::string LokiAfter() { return "]}]}"; }

void AppendLokiValue(std::string* out, base::Timestamp time, std::string_view line) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  out->append("[\"");
  AppendNumber(out, since_epoch.count());
  out->append("\",\"");
  AppendJsonEscaped(out, line);
  out->append("\"]");
}

}  // namespace muster::telemetry::exporters
