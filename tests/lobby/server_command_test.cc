#include "lobby/server_command.h"

#include "gtest/gtest.h"

namespace muster::lobby {
namespace {

TEST(ServerCommand, ReadsBackAsItWasWritten) {
  for (const ServerCommand& command : {ServerCommand{ServerCommand::What::kDrain, "server1"},
                                       ServerCommand{ServerCommand::What::kStop, "server2"}}) {
    EXPECT_EQ(DecodeCommand(EncodeCommand(command)), command);
  }
}

TEST(ServerCommand, IsAWordAndAnId) {
  EXPECT_EQ(EncodeCommand({ServerCommand::What::kDrain, "server1"}), "drain server1");
  EXPECT_EQ(EncodeCommand({ServerCommand::What::kStop, "server1"}), "stop server1");
}

TEST(ServerCommand, IsNothingElse) {
  for (const char* text :
       {"", " ", "drain", "drain ", " server1", "Drain server1", "restart server1", "server1"}) {
    EXPECT_EQ(DecodeCommand(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace muster::lobby
