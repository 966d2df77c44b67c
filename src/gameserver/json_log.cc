#include "gameserver/json_log.h"

#include <chrono>
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace muster::gameserver {
namespace {

using Json = nlohmann::ordered_json;

// RFC 3339, for example "2026-01-01T00:00:00.000Z".
std::string FormatTime(base::Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto two = [](auto value) { return absl::Dec(value, absl::kZeroPad2); };
  return base::StrCat(absl::Dec(static_cast<int>(date.year()), absl::kZeroPad4), "-",
                      two(static_cast<unsigned>(date.month())), "-",
                      two(static_cast<unsigned>(date.day())), "T", two(clock.hours().count()), ":",
                      two(clock.minutes().count()), ":", two(clock.seconds().count()), ".",
                      absl::Dec(clock.subseconds().count(), absl::kZeroPad3), "Z");
}

}  // namespace

void JsonLog::Log(std::string_view level, std::string_view message, Fields fields) {
  Json record = {{"time", FormatTime(clock_.Now())}, {"level", level}, {"msg", message}};
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { record[std::string(field.name)] = value; }, field.value);
  }
  const std::string line =
      record.dump(-1, ' ', false, Json::error_handler_t::replace).append(1, '\n');
  base::MutexLock lock(&mu_);
  write_(line);
}

void WriteToStandardOutput(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

}  // namespace muster::gameserver
