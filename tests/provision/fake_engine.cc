#include "tests/provision/fake_engine.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace muster::provision {

FakeEngine::FakeEngine() : server_([this](const support::HttpCall& call) { return Handle(call); }) {
  Answer("GET /version", {{.body = R"({"ApiVersion":"1.41","MinAPIVersion":"1.12"})"}});
}

void FakeEngine::Answer(const std::string& method_and_path,
                        std::vector<support::HttpReply> replies) {
  base::MutexLock lock(&mu_);
  replies_[method_and_path] = {replies.begin(), replies.end()};
}

void FakeEngine::AnswerAfter(const std::string& trigger, const std::string& method_and_path,
                             support::HttpReply reply) {
  base::MutexLock lock(&mu_);
  later_[trigger] = {method_and_path, std::move(reply)};
}

std::vector<support::HttpCall> FakeEngine::Calls(const std::string& method_and_path) const {
  base::MutexLock lock(&mu_);
  const auto found = calls_.find(method_and_path);
  return found == calls_.end() ? std::vector<support::HttpCall>() : found->second;
}

ContainerOptions FakeEngine::Options() {
  return {.engine = {.host = absl::StrCat("tcp://127.0.0.1:", server_.port())},
          .deployment = "test",
          .image = "registry.example:5000/games/shooter:1.2",
          .expose_port = {.port = 3000},
          .call_timeout = std::chrono::milliseconds(5'000),
          .on_detail = [this](std::string_view detail) {
            base::MutexLock lock(&mu_);
            details_.emplace_back(detail);
          }};
}

std::vector<std::string> FakeEngine::details() const {
  base::MutexLock lock(&mu_);
  return details_;
}

support::HttpReply FakeEngine::Handle(const support::HttpCall& call) {
  std::string path = call.path.substr(0, call.path.find('?'));
  if (absl::StartsWith(path, "/v1.")) path = path.substr(path.find('/', 1));
  const std::string key = call.method + " " + path;
  base::MutexLock lock(&mu_);
  calls_[key].push_back(call);
  if (const auto later = later_.find(key); later != later_.end()) {
    replies_[later->second.first] = {later->second.second};
  }
  const auto found = replies_.find(key);
  if (found == replies_.end()) return {.status = 404, .body = R"({"message":"no such thing"})"};
  support::HttpReply reply = found->second.front();
  if (found->second.size() > 1) found->second.pop_front();
  return reply;
}

}  // namespace muster::provision
