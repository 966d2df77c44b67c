#include "provision/exit_listeners.h"

#include <utility>

namespace muster::provision {

class ExitListeners::Watch final : public lobby::Provisioner::Watch {
 public:
  Watch(ExitListeners& owner, lobby::Provisioner::OnExit on_exit) : owner_(owner) {
    base::MutexLock lock(&owner_.mu_);
    at_ = owner_.listeners_.insert(owner_.listeners_.end(), std::move(on_exit));
  }
  ~Watch() override {
    base::MutexLock lock(&owner_.mu_);
    owner_.listeners_.erase(at_);
  }

 private:
  ExitListeners& owner_;
  std::list<lobby::Provisioner::OnExit>::iterator at_;
};

std::unique_ptr<lobby::Provisioner::Watch> ExitListeners::Add(lobby::Provisioner::OnExit on_exit) {
  return std::make_unique<Watch>(*this, std::move(on_exit));
}

void ExitListeners::Tell(const std::string& server_id, const std::string& reason) {
  base::MutexLock lock(&mu_);
  for (const lobby::Provisioner::OnExit& listener : listeners_) listener(server_id, reason);
}

}  // namespace muster::provision
