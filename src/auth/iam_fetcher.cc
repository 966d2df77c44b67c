#include "auth/iam_fetcher.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"

namespace muster::auth {
namespace {

// At least so long after something that a token needs could not be fetched, no token causes another
// attempt.
constexpr std::chrono::seconds kPauseAfterFailure{1};

constexpr std::string_view kKeysPause = "keys";
constexpr std::string_view kLoginPause = "login";
constexpr std::string_view kStudioPause = "studio";

std::string RolePause(std::string_view role_id) { return base::StrCat("role ", role_id); }

}  // namespace

IamFetcher::IamFetcher(const IamAccessControl::Options& options, base::HttpSender& sender,
                       const base::Clock& clock, OnIamChange on_change, Publish publish)
    : options_(options),
      clock_(clock),
      on_change_(std::move(on_change)),
      publish_(std::move(publish)),
      client_(options.iam, sender, clock) {
  const base::MonotonicTime now = clock.MonotonicNow();
  keys_loaded_at_ = revocations_loaded_at_ = now;
  keys_.due = revocations_.due = now;
  if (can_log_in()) login_.due = now;
}

base::MonotonicTime IamFetcher::NextRegular() const {
  return clock_.MonotonicNow() + options_.fetch_interval;
}

base::MonotonicTime IamFetcher::NextDue() const {
  return std::min({keys_.due, revocations_.due, login_.due, roles_.due, studio_.due});
}

bool IamFetcher::FetchNextDue(const std::stop_token& stop) {
  const base::MonotonicTime now = clock_.MonotonicNow();
  if (keys_.due <= now) {
    FetchKeys(stop);
  } else if (revocations_.due <= now) {
    FetchRevocations(stop);
  } else if (login_.due <= now) {
    LogIn(stop).IgnoreError();
  } else if (std::min(studio_.due, roles_.due) <= now) {
    RefreshDirectory(stop);
  } else {
    return false;
  }
  return true;
}

void IamFetcher::Note(Job& job, const absl::Status& status, base::MonotonicTime next) {
  // That we are stopped says nothing of IAM.
  if (absl::IsCancelled(status)) return;
  const bool failed_before = job.pause.count() > 0;
  if (status.ok()) {
    job.pause = std::chrono::milliseconds(0);
    job.due = next;
  } else {
    job.pause = NextRetryPause(job.pause, options_.first_retry, options_.last_retry);
    job.due = clock_.MonotonicNow() + job.pause;
  }
  if (failed_before == status.ok()) Tell(job.what, status);
}

void IamFetcher::NoteOnDemand(Job& job, const absl::Status& status) {
  // The turns begin with the first good fetch.
  const bool first = job.due == base::MonotonicTime::max();
  const base::MonotonicTime due = first && status.ok() ? NextRegular() : job.due;
  Note(job, status, due);
  job.due = due;
}

void IamFetcher::Pause(std::string_view what, const Job& job, std::chrono::milliseconds at_least) {
  const base::MonotonicTime now = clock_.MonotonicNow();
  pauses_.Close(what, now, now + std::max(job.pause, at_least));
}

void IamFetcher::Tell(std::string_view what, const absl::Status& status) const {
  if (on_change_) on_change_(what, status);
}

void IamFetcher::FetchKeys(const std::stop_token& stop) {
  const absl::StatusOr<std::shared_ptr<const KeySet>> keys = client_.FetchKeys(stop);
  Note(keys_, keys.status(), NextRegular());
  if (!keys.ok()) return;
  keys_loaded_at_ = clock_.MonotonicNow();
  if (parts_.keys == *keys) return;
  parts_.keys = *keys;
  publish_(parts_, News::kOther);
}

void IamFetcher::FetchRevocations(const std::stop_token& stop) {
  const absl::StatusOr<std::shared_ptr<const RevocationList>> revocations =
      client_.FetchRevocations(stop);
  Note(revocations_, revocations.status(), NextRegular());
  if (!revocations.ok()) return;
  revocations_loaded_at_ = clock_.MonotonicNow();
  if (parts_.revocations == *revocations) return;
  parts_.revocations = *revocations;
  publish_(parts_, News::kOther);
}

absl::Status IamFetcher::LogIn(const std::stop_token& stop) {
  absl::Status status = client_.Login(stop);
  Note(login_, status, client_.renew_login_at());
  if (!status.ok()) Pause(kLoginPause, login_, std::chrono::milliseconds(0));
  return status;
}

absl::Status IamFetcher::FetchStudio(const std::stop_token& stop) {
  absl::StatusOr<std::string> studio = client_.FetchStudio(options_.policy.name_space, stop);
  MUSTER_RETURN_IF_ERROR(studio.status());
  if (parts_.studio == *studio) return absl::OkStatus();
  const News news = parts_.studio ? News::kOther : News::kMore;
  parts_.studio = *std::move(studio);
  publish_(parts_, news);
  return absl::OkStatus();
}

absl::Status IamFetcher::FetchRole(const std::string& role_id, const std::stop_token& stop) {
  absl::StatusOr<IamClient::Role> role = client_.FetchRole(role_id, stop);
  if (!role.ok()) {
    const bool counts = !absl::IsCancelled(role.status());
    if (counts && failing_roles_.size() < options_.max_roles) failing_roles_.insert(role_id);
    return role.status();
  }
  failing_roles_.erase(role_id);
  NoteRefusal(role_id, role->refusal);
  std::shared_ptr<const KnownRole>& known = parts_.roles[role_id];
  if (known != nullptr && known->permissions == role->permissions) return absl::OkStatus();
  const News news = known == nullptr ? News::kMore : News::kOther;
  known = std::make_shared<const KnownRole>(std::move(role->permissions));
  publish_(parts_, news);
  NoteRoom();
  return absl::OkStatus();
}

void IamFetcher::NoteRefusal(const std::string& role_id, const absl::Status& refusal) {
  if (refusal.ok()) {
    refused_roles_.erase(role_id);
    return;
  }
  if (refused_roles_.empty()) Tell(roles_.what, refusal);
  refused_roles_.insert(role_id);
}

void IamFetcher::NoteRoom() {
  const bool full = parts_.roles.size() >= options_.max_roles;
  if (full && !roles_full_) {
    Tell(roles_.what,
         absl::ResourceExhaustedError(base::StrCat(
             "iam: ", options_.max_roles, " roles are kept; tokens that need others are refused")));
  }
  roles_full_ = full;
}

void IamFetcher::RefreshDirectory(const std::stop_token& stop) {
  // A failing login is tried again in its own turn.
  if (login_.pause.count() > 0 || !LogIn(stop).ok()) {
    studio_.due = std::max(studio_.due, login_.due);
    roles_.due = std::max(roles_.due, login_.due);
  } else if (studio_.due <= clock_.MonotonicNow()) {
    Note(studio_, FetchStudio(stop), NextRegular());
  } else {
    RefreshRole(stop);
  }
}

// One role a turn, so that calls that wait for something else need not wait for all roles.
void IamFetcher::RefreshRole(const std::stop_token& stop) {
  if (roles_to_refresh_.empty()) BeginRound();
  if (!roles_to_refresh_.empty()) {
    const std::string role_id = std::move(roles_to_refresh_.back());
    roles_to_refresh_.pop_back();
    const absl::Status status = FetchRole(role_id, stop);
    // The others come after the pause, and this one again in the next round.
    if (!status.ok()) return Note(roles_, status, NextRegular());
  }
  if (roles_to_refresh_.empty()) EndRound();
}

void IamFetcher::BeginRound() {
  const base::MonotonicTime now = clock_.MonotonicNow();
  const bool full = now >= next_full_round_;
  if (full) {
    next_full_round_ = NextRegular();
    ForgetUnusedRoles();
  }
  for (const auto& [role_id, role] : parts_.roles) {
    if (full || failing_roles_.contains(role_id)) roles_to_refresh_.push_back(role_id);
  }
}

void IamFetcher::EndRound() {
  const base::MonotonicTime next =
      parts_.roles.empty() ? base::MonotonicTime::max() : next_full_round_;
  if (failing_roles_.empty()) return Note(roles_, absl::OkStatus(), next);
  // A role that was never known is left to the tokens that need it.
  const bool again = std::ranges::any_of(
      failing_roles_, [this](const std::string& id) { return parts_.roles.contains(id); });
  roles_.due = again ? clock_.MonotonicNow() + roles_.pause : next;
}

void IamFetcher::ForgetUnusedRoles() {
  absl::erase_if(parts_.roles,
                 [](const auto& entry) { return !entry.second->asked_for.exchange(false); });
  const auto unknown = [this](const std::string& id) { return !parts_.roles.contains(id); };
  absl::erase_if(failing_roles_, unknown);
  absl::erase_if(refused_roles_, unknown);
  // With a new cache, as a remembered verdict does not ask for its roles.
  publish_(parts_, News::kOther);
  NoteRoom();
}

void IamFetcher::Fetch(const Missing& missing, const std::stop_token& stop) {
  if (std::holds_alternative<MissingKey>(missing)) {
    FetchKeys(stop);
    Pause(kKeysPause, keys_, options_.refetch_pause);
    return;
  }
  if (!LogIn(stop).ok()) return;
  if (const auto* role = std::get_if<MissingRole>(&missing)) {
    const absl::Status status = FetchRole(role->role_id, stop);
    // While another role fails, one that works is no news.
    if (!status.ok() || failing_roles_.empty()) {
      NoteOnDemand(roles_, status);
    } else {
      roles_.due = std::min(roles_.due, NextRegular());
    }
    if (!status.ok()) Pause(RolePause(role->role_id), roles_, kPauseAfterFailure);
  } else {
    const absl::Status status = FetchStudio(stop);
    NoteOnDemand(studio_, status);
    if (!status.ok()) Pause(kStudioPause, studio_, kPauseAfterFailure);
  }
}

bool IamFetcher::MayFetch(const Missing& missing, size_t known_roles) {
  const base::MonotonicTime now = clock_.MonotonicNow();
  if (std::holds_alternative<MissingKey>(missing)) return pauses_.Open(kKeysPause, now);
  if (!can_log_in() || !pauses_.Open(kLoginPause, now)) return false;
  if (const auto* role = std::get_if<MissingRole>(&missing)) {
    return known_roles < options_.max_roles && pauses_.Open(RolePause(role->role_id), now);
  }
  return pauses_.Open(kStudioPause, now);
}

Verdict IamFetcher::VerdictIfMissing(const Missing& missing, size_t known_roles) const {
  // Also when the keys could not be fetched: else whoever makes up key ids could tell and use it.
  if (std::holds_alternative<MissingKey>(missing)) return Verdict::kUnknownKey;
  // Will never be fetched: what it might grant is not granted.
  if (!can_log_in()) return Verdict::kNoPermission;
  const bool full =
      std::holds_alternative<MissingRole>(missing) && known_roles >= options_.max_roles;
  return full ? Verdict::kNoPermission : Verdict::kIamUnavailable;
}

}  // namespace muster::auth
