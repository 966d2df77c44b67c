#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace muster::gameserver {

// Writes records as one JSON object a line: `time` (UTC, to the millisecond), `level`, `msg`, then
// the fields. Small on purpose: this program is linked statically, without a logging library.
// Thread-safe. Never give it a token or a secret.
class JsonLog {
 public:
  // Only a view: it lives as long as the call that logs it.
  struct Field {
    std::string_view name;
    std::variant<int64_t, std::string_view> value;
  };
  using Fields = std::initializer_list<Field>;
  // Takes a line with its end.
  using Write = std::function<void(std::string_view line)>;

  JsonLog(const base::Clock& clock, Write write) : clock_(clock), write_(std::move(write)) {}

  // Bytes that are not UTF-8 are replaced.
  void Info(std::string_view message, Fields fields = {}) { Log("info", message, fields); }
  void Warn(std::string_view message, Fields fields = {}) { Log("warn", message, fields); }
  void Error(std::string_view message, Fields fields = {}) { Log("error", message, fields); }

 private:
  void Log(std::string_view level, std::string_view message, Fields fields);

  const base::Clock& clock_;
  base::Mutex mu_;
  const Write write_ ABSL_GUARDED_BY(mu_);
};

// Writes to the standard output and waits for it.
void WriteToStandardOutput(std::string_view line);

}  // namespace muster::gameserver
