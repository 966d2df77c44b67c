#pragma once

#include <cstddef>
#include <stop_token>
#include <string_view>

#include "telemetry/exporters/batcher.h"
#include "telemetry/exporters/export_counts.h"

namespace muster::telemetry::exporters {

// Writes batches, each followed by a line's end, to an open file: standard output, as a rule. A
// reader that does not read holds back this writer only, and not past the end of the program. After
// an error the next batch is tried again. The thread that writes must not take SIGPIPE, as the
// batcher's does not.
class FileWriter final : public BatchWriter {
 public:
  // Borrows the descriptor and leaves its flags alone, as others share them. A pipe and a terminal
  // are opened once more, so that writing to them never blocks; where that is not possible the
  // descriptor itself is written to when it is ready. `counts` outlives the writer.
  FileWriter(int descriptor, ExportCounts& counts);
  ~FileWriter() override;
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  // A batch that was cut by `stop` or by an error of the file counts as given up; the next one
  // begins on a line of its own. Lines of up to PIPE_BUF bytes are not mixed with those of another
  // writer to the same pipe.
  void Write(const Batch& batch, std::stop_token stop) override;

 private:
  // False when stopped, or the file has an error.
  bool WriteAll(std::string_view text, const std::stop_token& stop);

  // Of the same file, but this writer's own; -1 when there is none.
  const int own_descriptor_;
  const int descriptor_;
  const bool is_socket_;
  // A pipe takes this many bytes whole or not at all.
  const size_t chunk_bytes_;
  ExportCounts& counts_;
  // The last byte written was not a line's end.
  bool inside_line_ = false;
};

}  // namespace muster::telemetry::exporters
