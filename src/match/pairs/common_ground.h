#pragma once

#include <optional>
#include <string>
#include <vector>

#include "match/ticket.h"

namespace muster::match::pairs {

// What the tickets of one match-to-be have in common, kept up to date ticket by ticket, in memory
// that does not grow with the number of tickets.
class CommonGround {
 public:
  void Add(const Ticket& ticket);
  void Clear();

  // The regions that every ticket with latencies lists, best worst case first, ties by name. Empty
  // when they share none; nothing when no ticket has latencies.
  std::optional<std::vector<std::string>> Regions() const;

  // The text attribute `server_name`, when every ticket carries the same; else "".
  std::string server_name() const { return server_name_.value(); }
  // As server_name, for `client_version`.
  std::string client_version() const { return client_version_.value(); }

 private:
  // A text that stays while all agree.
  class Agreed {
   public:
    void Add(const Value* value, bool first);
    std::string value() const { return text_.value_or(""); }

   private:
    std::optional<std::string> text_;
  };

  void AddLatencies(const std::vector<Latency>& latencies);

  bool empty_ = true;
  bool has_regions_ = false;
  // The shared regions with their largest latency, ordered by region. Keeps its memory.
  std::vector<Latency> worst_;
  Agreed server_name_;
  Agreed client_version_;
};

}  // namespace muster::match::pairs
