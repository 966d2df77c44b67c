#pragma once

#include <string>

#include "tests/auth/iam_fixture.h"

namespace muster::auth {

// An IAM that also knows roles and the studio of our game.
class IamRolesFixture : public IamFixture {
 protected:
  IamRolesFixture() {
    Grant("r1");
    sender_.Answer(kStudioPath, {200, R"({"type":"Game","studioNamespace":"owner"})"});
    options_.fetch_interval = std::chrono::seconds(30);
    options_.refetch_pause = std::chrono::milliseconds(1);
  }

  static std::string PathOf(const std::string& role) { return "/iam/v3/admin/roles/" + role; }
  int RoleCalls(const std::string& role) const { return sender_.Calls(PathOf(role)); }
  void Grant(const std::string& role) {
    sender_.Answer(PathOf(role),
                   {200, R"({"permissions":[{"resource":"NAMESPACE:*:*","action":2}]})"});
  }
  // A token whose permissions lie in a role.
  std::string RoleToken(const std::string& role = "r1") const {
    return Token(R"({"extend_namespace":null,"exp":4000000000,"roles":[")" + role + R"("]})");
  }
  // Grants the role and has it fetched for a token.
  void Learn(const std::string& role) {
    Grant(role);
    EXPECT_EQ(Get(Later(RoleToken(role))), Verdict::kAllowed);
  }
  // A token that depends on the studio of our game.
  std::string StudioToken() const {
    return Token(R"({"extend_namespace":null,"permissions":[
                     {"Resource":"NAMESPACE:owner-:MMV2GRPCSERVICE","Action":2}]})");
  }

  // Returns when the thread has done at least one more turn than before the last call.
  void TakeTurn() {
    clock_.Advance(options_.refetch_pause);
    EXPECT_EQ(Get(Later(OtherToken())), Verdict::kUnknownKey);
  }
  // Lets the interval pass, and everything be fetched anew.
  void Refresh() {
    clock_.Advance(options_.fetch_interval);
    for (int i = 0; i < 10; ++i) TakeTurn();
  }
};

}  // namespace muster::auth
