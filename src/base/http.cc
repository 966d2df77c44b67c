#include "base/http.h"

#include "absl/strings/escaping.h"
#include "base/strings.h"

namespace muster::base {

HttpHeader BasicAuthorization(std::string_view user, std::string_view password) {
  return {"Authorization", StrCat("Basic ", absl::Base64Escape(StrCat(user, ":", password)))};
}

}  // namespace muster::base
