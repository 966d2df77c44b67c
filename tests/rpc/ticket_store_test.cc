#include "rpc/ticket_store.h"

#include "gmock/gmock.h"
#include "rpc/wire.h"
#include "tests/support/status_matchers.h"

namespace muster::rpc {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::SizeIs;

constexpr int kField = 3;
constexpr size_t kPlenty = 1 << 30;

std::string AsField(std::string_view wire) {
  std::string out;
  AppendField(&out, kField, wire);
  return out;
}

class TicketStoreTest : public testing::Test {
 protected:
  void Add(const std::string& wire) { ASSERT_THAT(store_->Add(wire), IsOk()); }

  grpc::ByteBuffer Answer(const std::vector<match::TicketIndex>& tickets) {
    return TicketStore::Answer(store_, "head", Echo{tickets}, "tail");
  }

  static std::vector<grpc::Slice> SlicesOf(const grpc::ByteBuffer& answer) {
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(answer.Dump(&slices).ok());
    return slices;
  }

  std::shared_ptr<base::ByteBudget> budget_ = std::make_shared<base::ByteBudget>(kPlenty);
  std::shared_ptr<TicketStore> store_ = std::make_shared<TicketStore>(kField, budget_);
};

TEST_F(TicketStoreTest, KeepsTheBytesOfEachTicket) {
  std::string first = "first";
  Add(first);
  first = "xxxxx";
  Add("");

  EXPECT_EQ(store_->size(), 2u);
  EXPECT_EQ(store_->Wire(0), "first");
  EXPECT_EQ(store_->Wire(1), "");
  EXPECT_EQ(store_->EchoBytes(Echo{{1, 0}}), AsField("first").size() + AsField("").size());
}

TEST_F(TicketStoreTest, ForgetsTheTicketAddedLast) {
  Add("stays");
  const size_t used = budget_->used_bytes();
  Add("goes");

  store_->Undo();

  EXPECT_EQ(store_->size(), 1u);
  EXPECT_EQ(budget_->used_bytes(), used);
  Add("next");
  EXPECT_EQ(store_->Wire(0), "stays");
  EXPECT_EQ(store_->Wire(1), "next");
}

TEST_F(TicketStoreTest, RefusesWhatTheBudgetDoesNotHold) {
  const auto small = std::make_shared<base::ByteBudget>(AsField("123").size() + 1);
  TicketStore store(kField, small);
  ASSERT_THAT(store.Add("123"), IsOk());

  EXPECT_THAT(store.Add("1"), StatusIs(absl::StatusCode::kResourceExhausted, testing::_));

  EXPECT_EQ(store.size(), 1u);
  EXPECT_EQ(store.Wire(0), "123");
}

TEST_F(TicketStoreTest, SharesItsBudgetWithOthersAndGivesItBack) {
  Add("mine");
  {
    TicketStore other(kField, budget_);
    ASSERT_THAT(other.Add("other"), IsOk());
    EXPECT_EQ(budget_->used_bytes(), AsField("mine").size() + AsField("other").size());
  }
  EXPECT_EQ(budget_->used_bytes(), AsField("mine").size());

  store_.reset();

  EXPECT_EQ(budget_->used_bytes(), 0u);
}

TEST_F(TicketStoreTest, AnswersInAnyOrderOfTickets) {
  Add("a");
  Add("bb");
  Add("ccc");

  EXPECT_EQ(ContiguousBytes(Answer({2, 0})).view(),
            "head" + AsField("ccc") + AsField("a") + "tail");
  EXPECT_EQ(ContiguousBytes(Answer({})).view(), "headtail");
}

TEST_F(TicketStoreTest, AnswersTheSameBytesWhetherShortOrLong) {
  for (const size_t bytes : {100, 30'000, 33'000, 200'000}) {
    store_ = std::make_shared<TicketStore>(kField, budget_);
    const std::string a(bytes / 2, 'a');
    const std::string b(bytes / 2, 'b');
    Add(a);
    Add("between");
    Add(b);

    EXPECT_EQ(ContiguousBytes(Answer({0, 2})).view(), "head" + AsField(a) + AsField(b) + "tail")
        << bytes;
  }
}

TEST_F(TicketStoreTest, CopiesAShortAnswerIntoOnePiece) {
  Add("a");
  Add("b");

  EXPECT_THAT(SlicesOf(Answer({1, 0})), SizeIs(1));
}

TEST_F(TicketStoreTest, SendsNeighboursOfALongAnswerAsOnePiece) {
  // Fills the small chunks that an arena starts with.
  Add(std::string(64 * 1024, 'x'));
  for (int i = 0; i < 50; ++i) Add(std::string(1000, 'a'));

  std::vector<match::TicketIndex> neighbours(50);
  for (uint32_t i = 0; i < 50; ++i) neighbours[i] = i + 1;
  const std::vector<match::TicketIndex> strangers = {0, 2, 4, 6};

  // Head and tail are pieces too.
  EXPECT_LE(SlicesOf(Answer(neighbours)).size(), 2u + 4u);
  EXPECT_THAT(SlicesOf(Answer(strangers)), SizeIs(2 + 4));
}

TEST_F(TicketStoreTest, LivesAsLongAsALongAnswer) {
  const std::string ticket(100'000, 't');
  Add(ticket);
  grpc::ByteBuffer answer = Answer({0});
  const std::weak_ptr<TicketStore> store = store_;

  store_.reset();

  EXPECT_FALSE(store.expired());
  EXPECT_GT(budget_->used_bytes(), ticket.size());
  EXPECT_EQ(ContiguousBytes(answer).view(), "head" + AsField(ticket) + "tail");
  answer.Clear();
  EXPECT_TRUE(store.expired());
  EXPECT_EQ(budget_->used_bytes(), 0u);
}

TEST_F(TicketStoreTest, EchoesARebuiltTicketInPlaceOfItsOwnBytes) {
  for (const size_t bytes : {10, 40'000}) {
    store_ = std::make_shared<TicketStore>(kField, budget_);
    for (const char* const wire : {"a", "b", "c"}) Add(wire);
    const std::string rebuilt(bytes, 'r');
    const Echo echo{{0, 1, 2}, {{1, store_->Field(rebuilt)}}};

    const std::string fields = AsField("a") + AsField(rebuilt) + AsField("c");
    EXPECT_EQ(store_->EchoBytes(echo), fields.size());
    const grpc::ByteBuffer answer = TicketStore::Answer(store_, "head", echo, "tail");
    EXPECT_EQ(ContiguousBytes(answer).view(), "head" + fields + "tail") << bytes;
  }
}

TEST_F(TicketStoreTest, IsNotHeldByAShortAnswer) {
  Add("t");
  const grpc::ByteBuffer answer = Answer({0});

  store_.reset();

  EXPECT_EQ(budget_->used_bytes(), 0u);
  EXPECT_EQ(ContiguousBytes(answer).view(), "head" + AsField("t") + "tail");
}

}  // namespace
}  // namespace muster::rpc
