#include "rpc/client/load_shared.h"

#include <limits>
#include <memory>
#include <utility>

#include "google/protobuf/message_lite.h"
#include "grpcpp/support/slice.h"
#include "match_function.pb.h"

namespace muster::rpc::client {
namespace {

namespace pb = ::accelbyte::matchmaking::matchfunction;

// How often a paced run looks which turns have come.
constexpr std::chrono::milliseconds kPace{1};

grpc::ByteBuffer ToBuffer(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

template <typename Request>
std::vector<grpc::ByteBuffer> SerializeTicketRequests(const LoadOptions& options) {
  std::vector<grpc::ByteBuffer> requests;
  for (const WireTicket& ticket : options.tickets) {
    Request request;
    request.mutable_ticket()->ParseFromString(ticket.bytes);
    if (!options.rules.empty()) request.mutable_rules()->set_json(options.rules);
    requests.push_back(ToBuffer(request));
  }
  return requests;
}

std::vector<grpc::ByteBuffer> SerializeStream(const LoadOptions& options) {
  pb::MakeMatchesRequest frame;
  pb::MakeMatchesRequest::MakeMatchesParameters* const parameters = frame.mutable_parameters();
  if (!options.rules.empty()) parameters->mutable_rules()->set_json(options.rules);
  std::vector<grpc::ByteBuffer> requests = {ToBuffer(frame)};
  for (const WireTicket& ticket : options.tickets) {
    frame.mutable_ticket()->ParseFromString(ticket.bytes);
    requests.push_back(ToBuffer(frame));
  }
  return requests;
}

base::MonotonicTime LastStart(base::MonotonicTime start, std::chrono::milliseconds duration) {
  return duration.count() == 0 ? base::MonotonicTime::max() : start + duration;
}

}  // namespace

const char* LoadMethodPath(LoadMethod method) {
  switch (method) {
    case LoadMethod::kStatCodes:
      return "/accelbyte.matchmaking.matchfunction.MatchFunction/GetStatCodes";
    case LoadMethod::kValidate:
      return "/accelbyte.matchmaking.matchfunction.MatchFunction/ValidateTicket";
    case LoadMethod::kEnrich:
      return "/accelbyte.matchmaking.matchfunction.MatchFunction/EnrichTicket";
    case LoadMethod::kMakeMatches:
      break;
  }
  return "/accelbyte.matchmaking.matchfunction.MatchFunction/MakeMatches";
}

std::vector<grpc::ByteBuffer> SerializeRequests(const LoadOptions& options) {
  switch (options.method) {
    case LoadMethod::kStatCodes: {
      pb::GetStatCodesRequest request;
      if (!options.rules.empty()) request.mutable_rules()->set_json(options.rules);
      return {ToBuffer(request)};
    }
    case LoadMethod::kValidate:
      return SerializeTicketRequests<pb::ValidateTicketRequest>(options);
    case LoadMethod::kEnrich:
      return SerializeTicketRequests<pb::EnrichTicketRequest>(options);
    case LoadMethod::kMakeMatches:
      break;
  }
  return SerializeStream(options);
}

LoadShared::LoadShared(const ClientOptions& the_client_options, const LoadOptions& options,
                       std::shared_ptr<grpc::ChannelInterface> channel)
    : client_options(the_client_options),
      path(LoadMethodPath(options.method)),
      requests(SerializeRequests(options)),
      stub(std::move(channel)),
      max_calls_(options.count == 0 ? std::numeric_limits<int64_t>::max() : options.count),
      calls_per_second_(options.calls_per_second),
      start_(base::Clock::System().MonotonicNow()),
      last_start_(LastStart(start_, options.duration)) {}

void LoadShared::WhenDue(std::function<void()> go) {
  if (calls_per_second_ == 0) return go();
  base::MutexLock lock(&mu_);
  early_.push_back(std::move(go));
}

bool LoadShared::TakeTurn(int64_t* call) {
  if (base::Clock::System().MonotonicNow() >= last_start_) return false;
  *call = turns_.fetch_add(1, std::memory_order_relaxed);
  return *call < max_calls_;
}

void LoadShared::Record(base::MonotonicTime started, const absl::Status& status) {
  latency_.Add(base::Clock::System().MonotonicNow() - started);
  if (status.ok()) return;
  base::MutexLock lock(&mu_);
  if (errors_++ == 0) first_error_ = status;
}

void LoadShared::WorkerDone() {
  base::MutexLock lock(&mu_);
  ++workers_done_;
  all_done_.Signal();
}

std::deque<std::function<void()>> LoadShared::TakeDue() {
  const base::MonotonicTime now = base::Clock::System().MonotonicNow();
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  std::deque<std::function<void()>> due;
  base::MutexLock lock(&mu_);
  const bool over = now >= last_start_ || let_go_ >= max_calls_;
  while (!early_.empty() && (over || static_cast<double>(let_go_) <= elapsed * calls_per_second_)) {
    due.push_back(std::move(early_.front()));
    early_.pop_front();
    ++let_go_;
  }
  return due;
}

void LoadShared::WaitFor(int workers) {
  for (;;) {
    for (const std::function<void()>& go : TakeDue()) go();
    base::MutexLock lock(&mu_);
    if (workers_done_ >= workers) return;
    if (calls_per_second_ == 0) {
      all_done_.Wait(&mu_);
    } else {
      all_done_.WaitFor(&mu_, kPace);
    }
  }
}

LoadReport LoadShared::Report() const {
  LoadReport report;
  report.elapsed = base::Clock::System().MonotonicNow() - start_;
  report.calls = static_cast<int64_t>(latency_.count());
  report.tickets_sent = tickets_.load(std::memory_order_relaxed);
  report.matches_received = matches_.load(std::memory_order_relaxed);
  report.p50 = latency_.Quantile(0.50);
  report.p95 = latency_.Quantile(0.95);
  report.p99 = latency_.Quantile(0.99);
  base::MutexLock lock(&mu_);
  report.errors = errors_;
  report.first_error = first_error_;
  return report;
}

}  // namespace muster::rpc::client
