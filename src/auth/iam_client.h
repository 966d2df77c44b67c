#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/key_set.h"
#include "auth/permission.h"
#include "auth/revocation_list.h"
#include "base/clock.h"
#include "base/http.h"

namespace muster::auth {

// The calls to AccelByte IAM. Not thread-safe. Errors: UNAVAILABLE or DEADLINE_EXCEEDED when IAM
// cannot be reached or says 5xx or 429; UNAUTHENTICATED for 401, which also ends the login;
// PERMISSION_DENIED for 403; NOT_FOUND for 404; INVALID_ARGUMENT for an answer that makes no sense
// or is longer than 1 MiB, 16 MiB for the revocation list; CANCELLED on `stop`. Messages name call
// and status, never a secret.
class IamClient {
 public:
  struct Options {
    // Without the final slash.
    std::string base_url;
    std::string client_id;
    std::string client_secret;
    // Of one call.
    std::chrono::milliseconds timeout{5000};
  };

  struct Role {
    std::vector<Permission> permissions;
    // Not OK when IAM does not let us see the role.
    absl::Status refusal;
  };

  // `sender` and `clock` outlive the client.
  IamClient(Options options, base::HttpSender& sender, const base::Clock& clock);

  // GET /iam/v3/oauth/jwks. While the answer is the same text, so is the object.
  absl::StatusOr<std::shared_ptr<const KeySet>> FetchKeys(std::stop_token stop);
  // GET /iam/v3/oauth/revocationlist, with the client's id and secret. While the answer is the same
  // text, so is the object.
  absl::StatusOr<std::shared_ptr<const RevocationList>> FetchRevocations(std::stop_token stop);
  // POST /iam/v3/oauth/token, unless the last login still holds for a fifth of its life
  absl::Status Login(std::stop_token stop);
  // GET /iam/v3/admin/roles/{roleId}, logged in. A role that does not exist, or that we may not see
  // (403), has no permissions.
  absl::StatusOr<Role> FetchRole(std::string_view role_id, std::stop_token stop);
  // GET /basic/v1/admin/namespaces/{ns}/context, logged in: the namespace of the studio that owns
  // the game; empty when it is no game, or unknown.
  absl::StatusOr<std::string> FetchStudio(std::string_view name_space, std::stop_token stop);

  // When the login must be renewed: at four fifths of its life.
  base::MonotonicTime renew_login_at() const { return renew_login_at_; }

 private:
  // The last good answer of a kind.
  template <typename T>
  struct Answer {
    std::string text;
    std::shared_ptr<const T> value;
  };

  // What GET `path` was answered with, parsed only when it is not the text of `last`.
  template <typename T>
  static absl::StatusOr<std::shared_ptr<const T>> Take(std::string_view path, std::string text,
                                                       Answer<T>& last);
  // The body of the answer, which has at most `max_bytes`.
  absl::StatusOr<std::string> Send(base::HttpRequest request, std::string_view path,
                                   size_t max_bytes, std::stop_token stop);
  absl::StatusOr<std::string> GetLoggedIn(const std::string& path, std::stop_token stop);
  absl::Status TakeLogin(std::string_view answer);

  const Options options_;
  base::HttpSender& sender_;
  const base::Clock& clock_;
  Answer<KeySet> keys_;
  Answer<RevocationList> revocations_;
  std::string access_token_;
  base::MonotonicTime renew_login_at_{};
};

}  // namespace muster::auth
