#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace muster::match {

class Value;

// Name/value pairs, ordered by name, each name once.
class Object {
 public:
  using Entry = std::pair<std::string, Value>;

  Object() = default;
  // Takes entries in any order. Of several with one name, one stays.
  explicit Object(std::vector<Entry> entries);

  // The value of `name`, or nullptr. The pointer lives until the object changes.
  const Value* Find(std::string_view name) const;
  // Sets `name`, replacing what was there. Linear; build a large object from a vector of entries.
  void Set(std::string_view name, Value value);

  bool empty() const;
  size_t size() const;
  void clear();
  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;

  friend bool operator==(const Object& a, const Object& b);

  template <typename H>
  friend H AbslHashValue(H state, const Object& object) {
    return H::combine(std::move(state), object.entries_);
  }

 private:
  std::vector<Entry> entries_;
};

using List = std::vector<Value>;

// Null, bool, number, text, list or object: what a ticket's attributes are made of. A number may be
// NaN or infinite, because the wire allows it.
class Value {
 public:
  Value() = default;
  Value(bool value) : value_(value) {}                      // NOLINT(google-explicit-constructor)
  Value(double value) : value_(value) {}                    // NOLINT(google-explicit-constructor)
  Value(int value) : value_(static_cast<double>(value)) {}  // NOLINT(google-explicit-constructor)
  Value(std::string value) : value_(std::move(value)) {}    // NOLINT(google-explicit-constructor)
  Value(const char* value) : value_(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Value(List value) : value_(std::move(value)) {}           // NOLINT(google-explicit-constructor)
  Value(Object value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  // The value as the named type, or nullptr when it is of another type.
  const bool* bool_value() const { return std::get_if<bool>(&value_); }
  const double* number() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const List* list() const { return std::get_if<List>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }

  // Numbers that are NaN are equal: a value equals itself.
  friend bool operator==(const Value& a, const Value& b) {
    const double* const number = a.number();
    if (number != nullptr && *number != *number && b.number() != nullptr) {
      return *b.number() != *b.number();
    }
    return a.value_ == b.value_;
  }

  template <typename H>
  friend H AbslHashValue(H state, const Value& value) {
    state = H::combine(std::move(state), value.value_.index());
    if (const bool* flag = value.bool_value()) return H::combine(std::move(state), *flag);
    if (const double* number = value.number()) {
      return H::combine(std::move(state), *number == *number ? *number : 0);
    }
    if (const std::string* text = value.text()) return H::combine(std::move(state), *text);
    if (const List* list = value.list()) return H::combine(std::move(state), *list);
    if (const Object* object = value.object()) return H::combine(std::move(state), *object);
    return state;
  }

 private:
  std::variant<std::monostate, bool, double, std::string, List, Object> value_;
};

// Down here, because they need to know what a Value is.
inline bool Object::empty() const { return entries_.empty(); }
inline size_t Object::size() const { return entries_.size(); }
inline void Object::clear() { entries_.clear(); }
inline std::vector<Object::Entry>::const_iterator Object::begin() const { return entries_.begin(); }
inline std::vector<Object::Entry>::const_iterator Object::end() const { return entries_.end(); }
inline bool operator==(const Object& a, const Object& b) { return a.entries_ == b.entries_; }

}  // namespace muster::match
