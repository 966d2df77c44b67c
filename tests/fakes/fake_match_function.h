#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "grpcpp/server.h"
#include "match_function.grpc.pb.h"

namespace muster::fakes {

// How a server answers MakeMatches and BackfillMatches.
enum class Behaviour {
  // Two tickets a match, one ticket a proposal.
  kHonest,
  // The first ticket comes back a second time at the end.
  kReturnsTwice,
  // A ticket that nobody sent comes back at the end.
  kInvents,
  // Reads one message, then ends with UNAVAILABLE.
  kBreaks,
};

// A small server of the contract on a free port of 127.0.0.1, for tests of clients. ValidateTicket
// says whether there are players, EnrichTicket adds {"seen": true}, GetStatCodes answers "mmr", and
// refuses rules that are "bad" with INVALID_ARGUMENT.
class FakeMatchFunction {
 public:
  explicit FakeMatchFunction(Behaviour behaviour = Behaviour::kHonest);
  ~FakeMatchFunction();

  const std::string& address() const { return address_; }
  // The `authorization` header of the latest unary call.
  std::string last_authorization() const;

  void SetServing(bool serving);

 private:
  class Service;

  const std::unique_ptr<Service> service_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace muster::fakes
