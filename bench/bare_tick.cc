#include "bench/bare_tick.h"

#include <algorithm>
#include <charconv>

#include "grpcpp/support/slice.h"
#include "match_function.grpc.pb.h"

namespace muster::bench {
namespace {

namespace pb = ::accelbyte::matchmaking::matchfunction;

constexpr const char* kAnswersHeader = "bench-answers";
constexpr const char* kBytesHeader = "bench-answer-bytes";

int64_t NumberIn(const grpc::CallbackServerContext& call, const char* header) {
  const auto& headers = call.client_metadata();
  const auto found = headers.find(header);
  int64_t number = 0;
  if (found != headers.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  }
  return number;
}

// Its reactions come one at a time: a read is under way until the input ends, then a write.
class TickReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit TickReactor(const AnswerPlan& plan) : plan_(plan) { StartRead(&frame_); }

  void OnReadDone(bool ok) override {
    if (!ok) return WriteNext();
    grpc::Slice bytes;
    if (!frame_.TrySingleSlice(&bytes).ok()) (void)frame_.DumpToSingleSlice(&bytes);
    pb::MakeMatchesRequest request;
    if (!request.ParseFromArray(bytes.begin(), static_cast<int>(bytes.size()))) return Refuse();
    if (request.has_ticket()) kept_.append(bytes.begin(), bytes.end());
    StartRead(&frame_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Refuse();
    WriteNext();
  }

  void OnDone() override { delete this; }

 private:
  void Refuse() { Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "bare server")); }

  void WriteNext() {
    if (written_ == plan_.answers) return Finish(grpc::Status::OK);
    const int64_t rest = written_ < plan_.bytes % plan_.answers ? 1 : 0;
    const auto size = static_cast<size_t>(plan_.bytes / plan_.answers + rest);
    // Answers have more in them than the tickets had: from the end it goes on at the beginning.
    if (next_ + size > kept_.size()) next_ = 0;
    if (size > kept_.size()) kept_.resize(size);
    const grpc::Slice answer(kept_.data() + next_, size);
    next_ += size;
    ++written_;
    answer_ = grpc::ByteBuffer(&answer, 1);
    StartWrite(&answer_);
  }

  const AnswerPlan plan_;
  // Belongs to the read that is under way.
  grpc::ByteBuffer frame_;
  // Belongs to the write that is under way.
  grpc::ByteBuffer answer_;
  std::string kept_;
  size_t next_ = 0;
  int64_t written_ = 0;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> ToHeaders(const AnswerPlan& plan) {
  return {{kAnswersHeader, std::to_string(plan.answers)},
          {kBytesHeader, std::to_string(plan.bytes)}};
}

std::optional<AnswerPlan> PlanOf(const grpc::CallbackServerContext& call) {
  const AnswerPlan plan{NumberIn(call, kAnswersHeader), NumberIn(call, kBytesHeader)};
  if (plan.answers <= 0) return std::nullopt;
  return plan;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartBareTick(const AnswerPlan& plan) {
  return new TickReactor(plan);
}

}  // namespace muster::bench
