#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "auth/fetch_pauses.h"
#include "auth/iam_access_control.h"
#include "auth/trust.h"

namespace muster::auth {

// Fetches what IAM knows: in its turn, or because a token needs it. Hands on what is known whenever
// that is something new. Used by one thread, but for what is said to be thread-safe.
class IamFetcher {
 public:
  // How what is handed on differs from what was known before.
  enum class News {
    // There is more, and nothing else changed: all verdicts so far hold on.
    kMore,
    kOther,
  };
  using Publish = std::function<void(const TrustParts& parts, News news)>;

  IamFetcher(const IamAccessControl::Options& options, base::HttpSender& sender,
             const base::Clock& clock, OnIamChange on_change, Publish publish);

  // Of the last good load; the start when there was none. Thread-safe.
  base::MonotonicTime keys_loaded_at() const { return keys_loaded_at_; }
  base::MonotonicTime revocations_loaded_at() const { return revocations_loaded_at_; }

  // Does one fetch whose turn has come; false when there was none.
  bool FetchNextDue(const std::stop_token& stop);
  // When the next turn comes.
  base::MonotonicTime NextDue() const;

  // Fetches what a token needs. Afterwards it is known, or may not be fetched for a while.
  void Fetch(const Missing& missing, const std::stop_token& stop);

  // Whether it makes sense to fetch it now, `known_roles` being known. Thread-safe.
  bool MayFetch(const Missing& missing, size_t known_roles);
  // The verdict on a token for which something is missing that may not be fetched. Thread-safe.
  Verdict VerdictIfMissing(const Missing& missing, size_t known_roles) const;

 private:
  using Names = absl::flat_hash_set<std::string, base::StringHash, base::StringEq>;

  // One kind of call to IAM.
  struct Job {
    std::string_view what;
    // When it is its turn; max() for never.
    base::MonotonicTime due = base::MonotonicTime::max();
    // Before the next attempt; 0 while it works.
    std::chrono::milliseconds pause{0};
  };

  void FetchKeys(const std::stop_token& stop);
  void FetchRevocations(const std::stop_token& stop);
  // Fetch again what is known of roles and studio.
  void RefreshDirectory(const std::stop_token& stop);
  void RefreshRole(const std::stop_token& stop);
  // A round of refreshing: all roles, or those that failed in the last one.
  void BeginRound();
  void EndRound();
  void ForgetUnusedRoles();
  absl::Status FetchStudio(const std::stop_token& stop);
  absl::Status FetchRole(const std::string& role_id, const std::stop_token& stop);
  absl::Status LogIn(const std::stop_token& stop);
  // Notes how a call went and when its next turn is: `next` when it was good.
  void Note(Job& job, const absl::Status& status, base::MonotonicTime next);
  // Notes an attempt that a token caused; the job's turns stay as they are.
  void NoteOnDemand(Job& job, const absl::Status& status);
  // Tells when the first of the roles was refused, and when there is room for no more.
  void NoteRefusal(const std::string& role_id, const absl::Status& refusal);
  void NoteRoom();
  // Until when a token cannot cause another attempt: as long as the job pauses, or longer.
  void Pause(std::string_view what, const Job& job, std::chrono::milliseconds at_least);
  void Tell(std::string_view what, const absl::Status& status) const;
  bool can_log_in() const { return !options_.iam.client_id.empty(); }
  base::MonotonicTime NextRegular() const;

  const IamAccessControl::Options options_;
  const base::Clock& clock_;
  const OnIamChange on_change_;
  const Publish publish_;
  FetchPauses pauses_;
  IamClient client_;
  TrustParts parts_;
  std::atomic<base::MonotonicTime> keys_loaded_at_;
  std::atomic<base::MonotonicTime> revocations_loaded_at_;
  Job keys_{"keys"};
  Job revocations_{"revocations"};
  Job login_{"login"};
  Job roles_{"role"};
  Job studio_{"studio"};
  // Of the round of refreshing that is under way, the roles still to do.
  std::vector<std::string> roles_to_refresh_;
  // When all roles are refreshed next, and not only those that failed.
  base::MonotonicTime next_full_round_;
  // The roles whose last fetch failed; `role` works when there is none.
  Names failing_roles_;
  // The known roles that IAM did not let us see.
  Names refused_roles_;
  bool roles_full_ = false;
};

}  // namespace muster::auth
