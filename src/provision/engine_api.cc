#include "provision/engine_api.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "net/line_stream.h"
#include "net/url.h"
#include "nlohmann/json.hpp"
#include "provision/engine_json.h"
#include "provision/exit_reason.h"

namespace muster::provision {
namespace {

// 1.41 is the API of Docker 20.10, which has all that is used here; 1.40 lacks the capabilities of
// Swarm's services.
constexpr int kMajor = 1;
constexpr int kOldestMinor = 41;
// An inspection takes some kilobytes, and the progress lines of a pull some megabytes.
constexpr size_t kMaxAnswerBytes = size_t{32} << 20;
constexpr size_t kMaxLineBytes = size_t{256} << 10;
// Connections that are kept: as many as servers usually start at once.
constexpr size_t kMaxIdle = 16;
constexpr std::chrono::milliseconds kVersionTimeout{10'000};

// The minor number of "1.41"; -1 when it is none.
int MinorOf(const std::string& version) {
  const std::vector<std::string> parts = absl::StrSplit(version, '.');
  int major = 0;
  int minor = 0;
  const bool valid =
      parts.size() == 2 && absl::SimpleAtoi(parts[0], &major) && absl::SimpleAtoi(parts[1], &minor);
  return valid && major == kMajor ? minor : -1;
}

absl::StatusOr<std::string> ChooseVersion(std::string_view answer) {
  MUSTER_ASSIGN_OR_RETURN(const EngineVersions versions, ParseEngineVersions(answer));
  if (MinorOf(versions.newest) < kOldestMinor) {
    return absl::FailedPreconditionError("the Docker Engine is too old: 20.10 or later is needed");
  }
  return base::StrCat("/v", kMajor, ".", std::max(kOldestMinor, MinorOf(versions.oldest)));
}

// The engine answers with 500 for most of what it lacks.
bool IsLack(const std::string& message) {
  constexpr std::array<const char*, 6> kLacks = {
      "no space left",          "port is already allocated", "address already in use",
      "cannot allocate memory", "no available network",      "ports are allocated"};
  const std::string lower = absl::AsciiStrToLower(message);
  return std::any_of(kLacks.begin(), kLacks.end(),
                     [&lower](const char* lack) { return absl::StrContains(lower, lack); });
}

absl::StatusCode CodeOf(int status, const std::string& message) {
  if (IsLack(message)) return absl::StatusCode::kResourceExhausted;
  // Which comes with 503, as if time would mend it.
  if (absl::StrContains(message, "not a swarm manager")) return absl::StatusCode::kInvalidArgument;
  switch (status) {
    case 400:
      return absl::StatusCode::kInvalidArgument;
    case 401:
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kAborted;
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status NoAnswer(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return absl::CancelledError("the call was stopped");
    case absl::StatusCode::kDeadlineExceeded:
      return absl::DeadlineExceededError("the Docker Engine does not answer in time");
    case absl::StatusCode::kUnavailable:
      return absl::UnavailableError("the Docker Engine does not answer");
    default:
      return absl::InternalError("the Docker Engine's answer cannot be read");
  }
}

}  // namespace

EngineApi::EngineApi(EngineEndpoint endpoint,
                     std::function<void(std::string_view detail)> on_detail)
    : endpoint_(std::move(endpoint)), on_detail_(std::move(on_detail)) {}

absl::StatusOr<std::string> EngineApi::Call(const EngineCall& call, const std::stop_token& stop) {
  MUSTER_ASSIGN_OR_RETURN(const std::string prefix, VersionPrefix(stop));
  base::HttpRequest request = {.method = call.method,
                               .url = base::StrCat(endpoint_.url, prefix, call.path),
                               .body = call.body,
                               .timeout = call.timeout,
                               .max_response_bytes = kMaxAnswerBytes};
  if (!call.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  if (!call.registry_auth.empty()) {
    request.headers.push_back({"X-Registry-Auth", call.registry_auth});
  }
  MUSTER_ASSIGN_OR_RETURN(base::HttpResponse response, Send(request, stop));
  constexpr int kNotModified = 304;
  if (response.status / 100 == 2 || response.status == kNotModified) {
    return std::move(response.body);
  }
  const std::string message = ParseErrorMessage(response.body);
  const absl::StatusCode code = CodeOf(response.status, message);
  // That something is not there is often what the caller wants to know.
  const bool expected = code == absl::StatusCode::kNotFound && call.method != "POST";
  if (!expected) {
    Detail(base::StrCat(call.method, " ", call.path, ": ", response.status, ": ", message));
  }
  return absl::Status(code, FitForPlayers(message));
}

absl::Status EngineApi::Stream(const std::string& path, const std::stop_token& stop,
                               const std::function<void(std::string_view line)>& on_line) {
  MUSTER_ASSIGN_OR_RETURN(const std::string prefix, VersionPrefix(stop));
  const base::HttpRequest request = {.url = base::StrCat(endpoint_.url, prefix, path),
                                     .max_response_bytes = kMaxLineBytes};
  return net::StreamLines(endpoint_.client, request, stop, on_line);
}

absl::StatusOr<std::string> EngineApi::VersionPrefix(const std::stop_token& stop) {
  {
    base::MutexLock lock(&mu_);
    if (prefix_.has_value()) return *prefix_;
  }
  const base::HttpRequest request = {.url = endpoint_.url + "/version", .timeout = kVersionTimeout};
  MUSTER_ASSIGN_OR_RETURN(const base::HttpResponse response, Send(request, stop));
  if (response.status != 200) {
    Detail(base::StrCat("GET /version: ", response.status));
    return absl::UnavailableError("the Docker Engine does not say its version");
  }
  MUSTER_ASSIGN_OR_RETURN(std::string prefix, ChooseVersion(response.body));
  base::MutexLock lock(&mu_);
  prefix_ = prefix;
  return prefix;
}

absl::StatusOr<base::HttpResponse> EngineApi::Send(const base::HttpRequest& request,
                                                   const std::stop_token& stop) {
  std::unique_ptr<net::CurlSender> sender = Borrow();
  absl::StatusOr<base::HttpResponse> response = sender->Send(request, stop);
  if (response.ok()) {
    GiveBack(std::move(sender));
    if (SetAway(false)) Detail("the Docker Engine answers again");
    return response;
  }
  const bool away = absl::IsUnavailable(response.status());
  const bool news = away ? SetAway(true) : !absl::IsCancelled(response.status());
  if (news) Detail(base::FromAbsl(response.status().message()));
  return NoAnswer(response.status());
}

bool EngineApi::SetAway(bool away) {
  base::MutexLock lock(&mu_);
  if (away) prefix_.reset();
  return std::exchange(away_, away) != away;
}

std::unique_ptr<net::CurlSender> EngineApi::Borrow() {
  base::MutexLock lock(&mu_);
  if (idle_.empty()) return std::make_unique<net::CurlSender>(endpoint_.client);
  std::unique_ptr<net::CurlSender> sender = std::move(idle_.back());
  idle_.pop_back();
  return sender;
}

void EngineApi::GiveBack(std::unique_ptr<net::CurlSender> sender) {
  base::MutexLock lock(&mu_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(sender));
}

void EngineApi::Detail(std::string_view detail) const {
  if (on_detail_ != nullptr) on_detail_(detail);
}

std::string RegistryAuth(const std::string& user, const std::string& password) {
  if (user.empty()) return "";
  const nlohmann::ordered_json auth = {{"username", user}, {"password", password}};
  const std::string text = auth.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  // The engine wants the padding that Abseil's base64url leaves out.
  return absl::StrReplaceAll(absl::Base64Escape(text), {{"+", "-"}, {"/", "_"}});
}

std::string QueryValue(std::string_view text) { return net::EncodePathSegment(text); }

}  // namespace muster::provision
