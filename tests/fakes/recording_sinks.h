#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "telemetry/log.h"
#include "telemetry/tracer.h"

namespace muster::fakes {

// Remembers the lines of a log. Thread-safe.
class RecordingLog final : public telemetry::LogSink {
 public:
  void Write(base::Timestamp /*time*/, std::string_view line) override {
    base::MutexLock lock(&mu_);
    lines_.emplace_back(line);
  }

  // Those that hold `fragment`.
  std::vector<std::string> Lines(std::string_view fragment = "") const {
    base::MutexLock lock(&mu_);
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      if (line.find(fragment) != std::string::npos) found.push_back(line);
    }
    return found;
  }

 private:
  mutable base::Mutex mu_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
};

// A span that keeps what telemetry::Span only looks at.
struct RecordedSpan {
  telemetry::SpanContext context;
  uint64_t parent_id = 0;
  std::string name;
  bool is_server = false;
  std::vector<std::pair<std::string, std::string>> tags;
};

// Remembers spans. Thread-safe.
class RecordingSpans final : public telemetry::SpanSink {
 public:
  void Write(const telemetry::Span& span) override {
    RecordedSpan recorded{span.context, span.parent_id, std::string(span.name), span.is_server, {}};
    for (const telemetry::SpanTag& tag : span.tags) {
      if (!tag.value.empty()) recorded.tags.emplace_back(tag.name, tag.value);
    }
    base::MutexLock lock(&mu_);
    spans_.push_back(std::move(recorded));
  }

  std::vector<RecordedSpan> spans() const {
    base::MutexLock lock(&mu_);
    return spans_;
  }

 private:
  mutable base::Mutex mu_;
  std::vector<RecordedSpan> spans_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::fakes
