#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "auth/authorizer.h"
#include "auth/verdict.h"

namespace muster::auth {

// What a player's token must say.
struct PlayerPolicy {
  // A token without `exp` is one that nobody can take back.
  bool require_exp = true;
  // How far clocks may be apart.
  std::chrono::seconds leeway{10};
  // What `iss` must be, and what `aud` must be or hold; empty: anything.
  std::string issuer;
  std::string audience;
  // An administrator is whose token has this value in this claim; with one of them empty, nobody.
  std::string admin_claim = "roles";
  std::string admin_value = "muster-admin";
};

struct PlayerClaims {
  Identity identity;
  // When the token is refused, the leeway passed.
  std::chrono::sys_seconds refused_from;
};

// Reads the payload of a token whose signature is right; the player, or why the token shows none.
// The client id is `user_id`, or `sub` where there is no such claim: a string that is not empty, or
// a whole number of 64 bits, as text. (Larger numbers lose digits on the way, and two players would
// be one.) The name is `username`, or `display_name`. `token_type`, when there, must be "access": a
// refresh token is no proof. The admin claim is a string or boolean, or an array that holds the
// value; `scope` may hold it among words with spaces between them (RFC 8693 section 4.2). Pure.
std::variant<PlayerClaims, Verdict> ReadPlayerClaims(std::string_view payload,
                                                     const PlayerPolicy& policy,
                                                     std::chrono::sys_seconds now);

}  // namespace muster::auth
