#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "auth/permission.h"
#include "base/mutex.h"
#include "tests/support/http_server.h"
#include "tests/support/test_keys.h"

namespace muster::support {

// A stand-in for AccelByte IAM: the calls that a match function makes, over real HTTP, with real
// RSA keys and a real Bloom filter. It keeps what it knows while it is stopped. Thread-safe.
class IamStandIn {
 public:
  struct Options {
    // Who may log in and fetch the revocation list.
    std::string client_id = "muster";
    std::string client_secret = "secret";
    // Of the game: what SignToken's tokens are for.
    std::string name_space = "accelbyte";
    // 0: any free one.
    int port = 0;
    // How long a login holds, as it is told.
    std::chrono::seconds login_life{3600};
    // Answers other paths; without it they are 404.
    HttpServer::Handler other_paths = nullptr;
  };

  enum class Endpoint { kKeys, kRevocations, kLogin, kRole, kStudio };

  // How an endpoint misbehaves.
  struct Fault {
    // Sent with an empty body instead of the answer; 0: the answer.
    int status = 0;
    HttpManner manner = HttpManner::kWhole;
    std::chrono::milliseconds delay{0};
    // Sent instead of the answer's body.
    std::optional<std::string> body;
  };

  // Two constructors, because of Options' default values.
  IamStandIn() : IamStandIn(Options()) {}
  explicit IamStandIn(Options options);
  ~IamStandIn();
  IamStandIn(const IamStandIn&) = delete;
  IamStandIn& operator=(const IamStandIn&) = delete;

  // "http://127.0.0.1:PORT"; the same after Start.
  const std::string& url() const { return url_; }
  // Closes the port and all connections, as a machine that is gone does.
  void Stop();
  // On the same port again.
  void Start();

  // A token as AGS sends it to the game's match function: for `name_space`, issued now by the
  // system's clock, for an hour. The claims, a JSON object, are merged in; null takes one away
  // (RFC 7396). Nothing when they are no JSON object.
  std::optional<std::string> SignToken(std::string_view claims = "{}");
  // From now on another key, under another id, signs and is published, alone.
  void RotateKeys();
  void RevokeToken(std::string_view token);
  // `at` counts from the epoch; tokens issued until then are refused.
  void RevokeUser(const std::string& user_id, std::chrono::sys_seconds at);
  // Replaces the role, if there is one.
  void DefineRole(const std::string& role_id, std::vector<auth::Permission> permissions);
  // Makes the namespace a game of the studio.
  void DefineStudio(const std::string& name_space, const std::string& studio);

  void Break(Endpoint endpoint, Fault fault);
  void Mend(Endpoint endpoint);
  // Calls that came to the endpoint, those that were refused or broken too.
  int calls(Endpoint endpoint);

 private:
  HttpReply Answer(const HttpCall& call);
  HttpReply AnswerWell(Endpoint endpoint, const HttpCall& call);
  HttpReply Keys();
  HttpReply Revocations(const HttpCall& call);
  HttpReply LogIn(const HttpCall& call);
  HttpReply Role(const HttpCall& call, const std::string& role_id);
  HttpReply Studio(const HttpCall& call, const std::string& name_space);
  bool HasBasic(const HttpCall& call) const;
  bool HasLogin(const HttpCall& call) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;

  base::Mutex mu_;
  std::optional<TestKey> key_ ABSL_GUARDED_BY(mu_);
  int key_number_ ABSL_GUARDED_BY(mu_) = 0;
  int logins_ ABSL_GUARDED_BY(mu_) = 0;
  // The words of the Bloom filter.
  std::vector<uint64_t> revoked_tokens_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::chrono::sys_seconds> revoked_users_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::vector<auth::Permission>> roles_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> studios_ ABSL_GUARDED_BY(mu_);
  std::map<Endpoint, Fault> faults_ ABSL_GUARDED_BY(mu_);
  std::map<Endpoint, int> calls_ ABSL_GUARDED_BY(mu_);

  // Of the first Start.
  int port_ = 0;
  std::string url_;

  // Last: its threads use all of the above. Null while stopped.
  base::Mutex server_mu_;
  std::unique_ptr<HttpServer> server_ ABSL_GUARDED_BY(server_mu_);
};

}  // namespace muster::support
