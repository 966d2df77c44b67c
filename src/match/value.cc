#include "match/value.h"

#include <algorithm>

namespace muster::match {
namespace {

template <typename Entries>
auto LowerBound(Entries& entries, std::string_view name) {
  return std::lower_bound(entries.begin(), entries.end(), name,
                          [](const Object::Entry& entry, std::string_view wanted) {
                            return entry.first.compare(wanted) < 0;
                          });
}

}  // namespace

Object::Object(std::vector<Entry> entries) : entries_(std::move(entries)) {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.first < b.first; });
  const auto same_name = [](const Entry& a, const Entry& b) { return a.first == b.first; };
  entries_.erase(std::unique(entries_.begin(), entries_.end(), same_name), entries_.end());
}

const Value* Object::Find(std::string_view name) const {
  const auto found = LowerBound(entries_, name);
  return found != entries_.end() && found->first == name ? &found->second : nullptr;
}

void Object::Set(std::string_view name, Value value) {
  const auto place = LowerBound(entries_, name);
  if (place != entries_.end() && place->first == name) {
    place->second = std::move(value);
  } else {
    entries_.emplace(place, std::string(name), std::move(value));
  }
}

}  // namespace muster::match
