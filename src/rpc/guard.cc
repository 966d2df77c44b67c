#include "rpc/guard.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace muster::rpc {
namespace {

using auth::Verdict;

constexpr std::string_view kTokenCheck = "token check";

// The call's token, or what is wrong with how it was sent.
std::variant<std::string_view, Verdict> FindToken(const grpc::CallbackServerContext& call) {
  const auto [first, last] = call.client_metadata().equal_range("authorization");
  if (first == last) return Verdict::kNoToken;
  if (std::next(first) != last) return Verdict::kMalformed;
  const std::string_view header(first->second.data(), first->second.size());
  const std::optional<std::string_view> token = auth::BearerToken(header);
  if (!token) return Verdict::kMalformed;
  return *token;
}

}  // namespace

// A call that waits for IAM. Answered once, by IAM or by GiveUp, whoever comes first. Thread-safe.
class Guard::Question {
 public:
  Question(const Guard& guard, std::shared_ptr<ObservedCall> observed,
           std::function<void(const Admission&)> done)
      : guard_(guard),
        observed_(std::move(observed)),
        work_(std::in_place, *observed_, kTokenCheck),
        done_(std::move(done)) {}

  void Answer(Verdict verdict) {
    // Held meanwhile: who comes second returns when the first is through.
    base::MutexLock lock(&mu_);
    if (done_ == nullptr) return;
    work_.reset();
    done_(guard_.Settle(verdict, *observed_));
    done_ = nullptr;
    observed_.reset();
  }

 private:
  const Guard& guard_;
  base::Mutex mu_;
  std::shared_ptr<ObservedCall> observed_ ABSL_GUARDED_BY(mu_);
  std::optional<ObservedWork> work_ ABSL_GUARDED_BY(mu_);
  std::function<void(const Admission&)> done_ ABSL_GUARDED_BY(mu_);
};

Guard::~Guard() = default;

std::variant<Guard::Admission, Guard::OpenQuestion> Guard::CheckNow(
    const grpc::CallbackServerContext& call, ObservedCall& observed) const {
  if (access_ == nullptr) return absl::OkStatus();
  ObservedWork work(observed, kTokenCheck);
  const std::variant<std::string_view, Verdict> found = FindToken(call);
  if (const auto* verdict = std::get_if<Verdict>(&found)) return Settle(*verdict, observed);
  const std::string_view token = std::get<std::string_view>(found);
  const auto answer = access_->CheckNow(token);
  if (!answer) {
    // The question will tell.
    work.Forget();
    return token;
  }
  if (answer->from_cache) work.Forget();
  return Settle(answer->verdict, observed);
}

void Guard::CheckLater(OpenQuestion token, std::shared_ptr<ObservedCall> observed,
                       std::function<void(const Admission&)> done) {
  const auto question = std::make_shared<Question>(*this, std::move(observed), std::move(done));
  bool too_late = false;
  {
    base::MutexLock lock(&mu_);
    too_late = gave_up_;
    questions_.erase(std::remove_if(questions_.begin(), questions_.end(),
                                    [](const auto& open) { return open.expired(); }),
                     questions_.end());
    questions_.push_back(question);
  }
  if (too_late) return question->Answer(Verdict::kIamUnavailable);
  access_->CheckLater(std::string(token),
                      [question](Verdict verdict) { question->Answer(verdict); });
}

void Guard::GiveUp() {
  std::vector<std::weak_ptr<Question>> questions;
  {
    base::MutexLock lock(&mu_);
    gave_up_ = true;
    questions.swap(questions_);
  }
  for (const std::weak_ptr<Question>& open : questions) {
    if (const auto question = open.lock()) question->Answer(Verdict::kIamUnavailable);
  }
}

Guard::Admission Guard::Settle(Verdict verdict, ObservedCall& observed) const {
  metrics_.CountVerdict(static_cast<size_t>(verdict));
  observed.NoteVerdict(verdict);
  return auth::ToStatus(verdict);
}

}  // namespace muster::rpc
