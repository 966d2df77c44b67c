#pragma once

#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "lobby/provisioner.h"

namespace muster::provision {

// Who wants to hear of exits that one thread sees for all. Outlives its watches. Thread-safe.
class ExitListeners {
 public:
  std::unique_ptr<lobby::Provisioner::Watch> Add(lobby::Provisioner::OnExit on_exit);
  // Calls all of them, one after the other.
  void Tell(const std::string& server_id, const std::string& reason);

 private:
  class Watch;

  // Held during the calls, so that none runs once its watch has ended.
  base::Mutex mu_;
  std::list<lobby::Provisioner::OnExit> listeners_ ABSL_GUARDED_BY(mu_);
};

}  // namespace muster::provision
