#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;
struct x509_st;

namespace muster::support {

// A certificate and its private key, as PEM texts.
struct Identity {
  std::string certificate;
  std::string private_key;
};

// A certificate authority in memory that lives for a day. Immutable, hence thread-safe; copies
// share the key.
class TestAuthority {
 public:
  // Makes a new key. `name` is its common name.
  explicit TestAuthority(std::string_view name);

  // Its own certificate, PEM.
  std::string certificate() const;
  // A new identity for servers at localhost and 127.0.0.1.
  Identity IssueServer() const;
  // A new identity for a client of this common name.
  Identity IssueClient(std::string_view name) const;

 private:
  Identity Issue(std::string_view name, const char* usage, const char* alternative_names) const;

  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
};

// The same private key in PEM form, encrypted with the pass phrase "secret".
std::string EncryptKey(const std::string& private_key);

}  // namespace muster::support
