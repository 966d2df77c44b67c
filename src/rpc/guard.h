#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "auth/access_control.h"
#include "base/mutex.h"
#include "grpcpp/server_context.h"
#include "rpc/call_observer.h"
#include "telemetry/access_metrics.h"

namespace muster::rpc {

// Decides whether a call may reach the service. An interceptor could not: gRPC runs the handler
// whatever an interceptor says. Thread-safe.
class Guard {
 public:
  // OK, or the error that the call ends with.
  using Admission = absl::Status;
  // A token for which IAM has to be asked first. Lies in the call's headers.
  using OpenQuestion = std::string_view;

  // `access` null: every call may. Both outlive the guard.
  Guard(auth::AccessControl* access, telemetry::AccessMetrics& metrics)
      : access_(access), metrics_(metrics) {}
  // After GiveUp, or with no question open.
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  std::variant<Admission, OpenQuestion> CheckNow(const grpc::CallbackServerContext& call,
                                                 ObservedCall& observed) const;

  // Asks IAM, and calls `done` once, on another thread or on this one. The call may have been
  // cancelled by then.
  void CheckLater(OpenQuestion token, std::shared_ptr<ObservedCall> observed,
                  std::function<void(const Admission&)> done);

  // Calls the `done` of every open question, now and later, with UNAVAILABLE. When this has
  // returned, what IAM still answers touches nothing of the guard and of the calls.
  void GiveUp();

 private:
  class Question;

  Admission Settle(auth::Verdict verdict, ObservedCall& observed) const;

  auth::AccessControl* const access_;
  telemetry::AccessMetrics& metrics_;
  base::Mutex mu_;
  std::vector<std::weak_ptr<Question>> questions_ ABSL_GUARDED_BY(mu_);
  bool gave_up_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace muster::rpc
