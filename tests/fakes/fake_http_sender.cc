#include "tests/fakes/fake_http_sender.h"

#include <functional>
#include <stop_token>
#include <utility>

namespace muster::fakes {
namespace {

constexpr std::chrono::milliseconds kSlice{10};
constexpr int kMaxSlices = 1000;

// What follows the host.
std::string PathOf(const std::string& url) {
  const size_t scheme = url.find("://");
  const size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  return slash == std::string::npos ? "/" : url.substr(slash);
}

}  // namespace

absl::StatusOr<base::HttpResponse> FakeHttpSender::Send(const base::HttpRequest& request,
                                                        std::stop_token stop) {
  const std::stop_callback wake(stop, [this] {
    base::MutexLock lock(&mu_);
    changed_.SignalAll();
  });
  base::MutexLock lock(&mu_);
  Place& place = places_[PathOf(request.url)];
  ++place.calls;
  place.last = request;
  changed_.SignalAll();
  while (place.held && !stop.stop_requested()) changed_.Wait(&mu_);
  if (stop.stop_requested()) return absl::CancelledError("stopped");
  return place.result;
}

void FakeHttpSender::Answer(const std::string& path, base::HttpResponse response) {
  base::MutexLock lock(&mu_);
  places_[path].result = std::move(response);
}

void FakeHttpSender::Fail(const std::string& path, absl::Status status) {
  base::MutexLock lock(&mu_);
  places_[path].result = std::move(status);
}

void FakeHttpSender::Hold(const std::string& path) {
  base::MutexLock lock(&mu_);
  places_[path].held = true;
}

void FakeHttpSender::Release(const std::string& path) {
  base::MutexLock lock(&mu_);
  places_[path].held = false;
  changed_.SignalAll();
}

int FakeHttpSender::Calls(const std::string& path) const {
  base::MutexLock lock(&mu_);
  const auto place = places_.find(path);
  return place == places_.end() ? 0 : place->second.calls;
}

bool FakeHttpSender::WaitForCalls(const std::string& path, int calls) const {
  base::MutexLock lock(&mu_);
  for (int slice = 0; slice < kMaxSlices; ++slice) {
    const auto place = places_.find(path);
    if (place != places_.end() && place->second.calls >= calls) return true;
    changed_.WaitFor(&mu_, kSlice);
  }
  return false;
}

base::HttpRequest FakeHttpSender::Last(const std::string& path) const {
  base::MutexLock lock(&mu_);
  return places_.at(path).last;
}

std::string HeaderOf(const base::HttpRequest& request, std::string_view name) {
  for (const base::HttpHeader& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

}  // namespace muster::fakes
