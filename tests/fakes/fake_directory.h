#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token_check.h"

namespace muster::fakes {

// Roles and studio as a test sets them; at first nothing is known.
class FakeDirectory final : public auth::Directory {
 public:
  std::map<std::string, std::vector<auth::Permission>, std::less<>> roles;
  std::optional<std::string> studio;

  const std::vector<auth::Permission>* Role(std::string_view role_id) const override {
    const auto found = roles.find(role_id);
    return found == roles.end() ? nullptr : &found->second;
  }
  const std::string* Studio() const override { return studio ? &*studio : nullptr; }
};

}  // namespace muster::fakes
