#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/http.h"
#include "base/mutex.h"

namespace muster::fakes {

// A web that answers as scripted, by the path of the URL; an unknown path is answered with 404.
// Thread-safe.
class FakeHttpSender final : public base::HttpSender {
 public:
  absl::StatusOr<base::HttpResponse> Send(const base::HttpRequest& request,
                                          std::stop_token stop) override;

  // From now on, what GETs and POSTs of `path` get.
  void Answer(const std::string& path, base::HttpResponse response);
  void Fail(const std::string& path, absl::Status status);

  // Calls of `path` that come from now on wait until Release, or until they are stopped.
  void Hold(const std::string& path);
  void Release(const std::string& path);

  // Calls that came, held ones included.
  int Calls(const std::string& path) const;
  // Blocks until as many calls came. False when that takes more than 10 seconds.
  bool WaitForCalls(const std::string& path, int calls) const;
  // The latest request; it must have come.
  base::HttpRequest Last(const std::string& path) const;

 private:
  struct Place {
    absl::StatusOr<base::HttpResponse> result = base::HttpResponse{.status = 404};
    bool held = false;
    int calls = 0;
    base::HttpRequest last;
  };

  mutable base::Mutex mu_;
  mutable base::CondVar changed_;
  std::map<std::string, Place> places_ ABSL_GUARDED_BY(mu_);
};

// The value of a header, "" when there is none.
std::string HeaderOf(const base::HttpRequest& request, std::string_view name);

}  // namespace muster::fakes
