// The five calls through the stub that protoc generates, as a caller's program makes them.

#include "gmock/gmock.h"
#include "match_function.grpc.pb.h"
#include "tests/rpc/server_fixture.h"

namespace muster::rpc {
namespace {

class GeneratedStub : public ServerFixture {
 protected:
  std::unique_ptr<pb::MatchFunction::Stub> stub_ = pb::MatchFunction::NewStub(channel());
  grpc::ClientContext context_;
};

TEST_F(GeneratedStub, GetsStatCodes) {
  pb::StatCodesResponse response;
  EXPECT_TRUE(stub_->GetStatCodes(&context_, pb::GetStatCodesRequest(), &response).ok());
  EXPECT_EQ(response.codes_size(), 0);
}

TEST_F(GeneratedStub, ValidatesATicket) {
  pb::ValidateTicketRequest request;
  *request.mutable_ticket() = TicketOf("a");
  pb::ValidateTicketResponse response;

  EXPECT_TRUE(stub_->ValidateTicket(&context_, request, &response).ok());

  EXPECT_TRUE(response.valid_ticket());
}

TEST_F(GeneratedStub, EnrichesATicket) {
  pb::EnrichTicketRequest request;
  *request.mutable_ticket() = TicketOf("a");
  pb::EnrichTicketResponse response;

  EXPECT_TRUE(stub_->EnrichTicket(&context_, request, &response).ok());

  EXPECT_EQ(response.ticket().ticket_id(), "a");
}

// gRPC inflates before it looks at the size, so a small message could take all memory.
TEST_F(GeneratedStub, MayNotCompress) {
  context_.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  pb::ValidateTicketRequest request;
  *request.mutable_ticket() = TicketOf("a");
  request.mutable_ticket()->set_namespace_(std::string(1'000'000, 'x'));
  pb::ValidateTicketResponse response;

  EXPECT_EQ(stub_->ValidateTicket(&context_, request, &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  ExpectServes();
}

TEST_F(GeneratedStub, MakesAMatch) {
  const auto stream = stub_->MakeMatches(&context_);
  stream->Write(Parameters());
  stream->Write(Frame(TicketOf("a")));
  stream->Write(Frame(TicketOf("b")));
  stream->WritesDone();

  pb::MatchResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_THAT(TicketIdsOf(response.match()), testing::ElementsAre("a", "b"));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(GeneratedStub, FillsASession) {
  const auto stream = stub_->BackfillMatches(&context_);
  stream->Write(BackfillParameters());
  stream->Write(BackfillFrame(BackfillOf("b")));
  stream->Write(BackfillFrame(TicketOf("a")));
  stream->WritesDone();

  pb::BackfillResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.backfill_proposal().backfill_ticket_id(), "b");
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace muster::rpc
