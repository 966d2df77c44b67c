#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "store/sqlite/tables.h"

namespace muster::store::sqlite {

// Connections that read while another one writes: each read sees what was committed when it began.
// Thread-safe.
class ReaderPool {
 public:
  static absl::StatusOr<std::unique_ptr<ReaderPool>> Open(const std::string& path, size_t readers);

  // Runs `read` with a connection, for which it waits when all are in use.
  absl::Status Run(absl::FunctionRef<absl::Status(Tables& tables)> read);

 private:
  explicit ReaderPool(std::vector<std::unique_ptr<Tables>> idle) : idle_(std::move(idle)) {}

  std::unique_ptr<Tables> Take();
  void Give(std::unique_ptr<Tables> reader);

  base::Mutex mu_;
  base::CondVar given_;
  std::vector<std::unique_ptr<Tables>> idle_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::store::sqlite
