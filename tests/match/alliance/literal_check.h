#pragma once

#include <optional>
#include <string>
#include <vector>

#include "match/alliance/ruleset.h"
#include "match/ticket.h"

namespace muster::match::alliance {

// A match as a list of tickets (places in the list of tickets) and what it says of itself.
struct LiteralMatch {
  std::vector<std::vector<size_t>> teams;
  // Empty: none.
  std::string region;
  std::string mode;
};

// The legality of matches once more, read straight from the tickets: L1 to L8 of docs/rules.md one
// after the other, as slow as they are written. Shares nothing with class Legality but the ruleset,
// so that each checks the other.
class LiteralCheck {
 public:
  // All but the options outlive this.
  LiteralCheck(const Ruleset& rules, const LogicOptions& options,
               const std::vector<Ticket>& tickets, base::Timestamp now);

  // Which rule the match breaks, such as "L3"; empty when it is legal.
  std::string Problem(const LiteralMatch& match) const;

  // The place of the match's oldest ticket: highest priority first, then age, then arrival.
  size_t OldestOf(const LiteralMatch& match) const;

 private:
  using Places = std::vector<size_t>;

  int64_t Age(size_t ticket) const;
  bool Precedes(size_t a, size_t b) const;
  const AllianceRule& ActiveAlliance(size_t oldest, const std::string& mode) const;
  std::optional<double> Reference(size_t rule, size_t ticket) const;
  double Mean(size_t ticket, const std::string& attribute) const;
  std::vector<Latency> Accepted(size_t ticket) const;
  bool IsPlain(const std::string& name) const;
  bool AcceptsMode(size_t ticket, const std::string& mode) const;
  bool Names(size_t blocker, size_t blocked) const;

  bool TeamsAreLegal(const LiteralMatch& match, const AllianceRule& alliance) const;
  bool RolesAreLegal(const std::vector<Role>& roles, const Combination& combination,
                     Places team) const;
  bool UsersAreDistinct(const Places& tickets) const;
  bool DistancesAreLegal(size_t oldest, const Places& tickets) const;
  bool RegionIsLegal(size_t oldest, const Places& tickets, const std::string& region) const;
  bool PlainIsLegal(size_t oldest, const Places& tickets) const;
  bool PlainAgree(const Ticket& a, const Ticket& b) const;
  bool OptionIsLegal(const MatchOption& option, size_t oldest, const Places& tickets) const;
  bool PlatformsAreLegal(size_t oldest, const Places& tickets) const;
  bool PlatformsFit(const Ticket& a, const Ticket& b) const;
  bool SaysWhere(const Ticket& ticket) const;
  List ValuesOf(const Ticket& ticket, const std::string& name) const;
  bool BlocksAreLegal(const LiteralMatch& match, const Places& tickets) const;

  const Ruleset& rules_;
  const LogicOptions options_;
  const std::vector<Ticket>& tickets_;
  const base::Timestamp now_;
};

}  // namespace muster::match::alliance
