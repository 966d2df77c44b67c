#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "match/logic_options.h"
#include "match/ticket.h"
#include "nlohmann/json.hpp"

// Rulesets and tickets made from a seed: small worlds that are full of ties, limits just met and
// tickets that contradict each other.
namespace muster::match::alliance {

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  int Number(int min, int max);
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(Number(0, static_cast<int>(from.size()) - 1))];
  }
  template <typename T>
  void Shuffle(std::vector<T>* items) {
    for (size_t i = items->size(); i > 1; --i) {
      std::swap((*items)[i - 1], (*items)[static_cast<size_t>(Number(0, static_cast<int>(i) - 1))]);
    }
  }

 private:
  std::mt19937_64 random_;
};

struct World {
  uint64_t seed = 0;
  LogicOptions options;
  // Most are legal; some are not.
  nlohmann::json rules;
  std::vector<Ticket> tickets;
  base::Timestamp now;
  // Whether no two tickets are equally old.
  bool ages_differ = false;
};

// The world of this seed, of 2 to 14 tickets. Every second one has the profile `hosted`.
World MakeWorld(uint64_t seed);

// A ruleset of the kind that MakeWorld makes, for this profile.
nlohmann::json MakeRules(Dice* dice, Profile profile);

}  // namespace muster::match::alliance
