#include "store/sqlite/reader_pool.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "store/sqlite/schema.h"

namespace muster::store::sqlite {

absl::StatusOr<std::unique_ptr<ReaderPool>> ReaderPool::Open(const std::string& path,
                                                             size_t readers) {
  std::vector<std::unique_ptr<Tables>> idle;
  idle.reserve(readers);
  for (size_t i = 0; i < std::max<size_t>(1, readers); ++i) {
    MUSTER_ASSIGN_OR_RETURN(Connection connection, Connection::Open(path));
    MUSTER_RETURN_IF_ERROR(PrepareReader(connection));
    idle.push_back(std::make_unique<Tables>(std::move(connection)));
  }
  // Its constructor is private; the pointer owns it.
  return std::unique_ptr<ReaderPool>(new ReaderPool(std::move(idle)));
}

absl::Status ReaderPool::Run(absl::FunctionRef<absl::Status(Tables& tables)> read) {
  std::unique_ptr<Tables> reader = Take();
  absl::Status status = read(*reader);
  Give(std::move(reader));
  return status;
}

std::unique_ptr<Tables> ReaderPool::Take() {
  base::MutexLock lock(&mu_);
  while (idle_.empty()) given_.Wait(&mu_);
  auto reader = std::move(idle_.back());
  idle_.pop_back();
  return reader;
}

void ReaderPool::Give(std::unique_ptr<Tables> reader) {
  {
    base::MutexLock lock(&mu_);
    idle_.push_back(std::move(reader));
  }
  given_.Signal();
}

}  // namespace muster::store::sqlite
