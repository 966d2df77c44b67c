#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "provision/engine_options.h"
#include "tests/support/http_server.h"

namespace muster::provision {

// A Docker Engine that answers as scripted, over TCP. What is not scripted is answered with 404.
// Thread-safe.
class FakeEngine {
 public:
  FakeEngine();

  // The answers to calls of this method and path (without version and query), one after the other;
  // the last one stays.
  void Answer(const std::string& method_and_path, std::vector<support::HttpReply> replies);
  // Replaces the answers once `trigger` was called.
  void AnswerAfter(const std::string& trigger, const std::string& method_and_path,
                   support::HttpReply reply);
  // All calls of it.
  std::vector<support::HttpCall> Calls(const std::string& method_and_path) const;

  // Options for provisioners of this engine, whose details are kept.
  ContainerOptions Options();
  std::vector<std::string> details() const;

 private:
  support::HttpReply Handle(const support::HttpCall& call);

  mutable base::Mutex mu_;
  std::map<std::string, std::deque<support::HttpReply>> replies_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::vector<support::HttpCall>> calls_ ABSL_GUARDED_BY(mu_);
  // By trigger.
  std::map<std::string, std::pair<std::string, support::HttpReply>> later_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> details_ ABSL_GUARDED_BY(mu_);

  support::HttpServer server_;
};

}  // namespace muster::provision
