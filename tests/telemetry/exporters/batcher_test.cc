#include "telemetry/exporters/batcher.h"

#include <future>
#include <set>
#include <vector>

#include "base/clock.h"
#include "gmock/gmock.h"

namespace muster::telemetry::exporters {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

// Keeps what it is given. While it is held, it writes nothing and waits for Release or the stop.
class FakeWriter final : public BatchWriter {
 public:
  explicit FakeWriter(ExportCounts& counts) : counts_(counts) {}

  void Write(const Batch& batch, std::stop_token stop) override {
    const std::stop_callback wake(stop, [this] { Signal(); });
    base::MutexLock lock(&mu_);
    is_writing_ = true;
    changed_.SignalAll();
    while (is_held_ && !stop.stop_requested()) changed_.Wait(&mu_);
    is_writing_ = false;
    if (is_held_) return counts_.Drop(DropReason::kGaveUp, batch.records);
    counts_.sent += batch.records;
    texts_.push_back(batch.text);
    memory_.insert(batch.text.data());
    changed_.SignalAll();
  }

  void Hold() { SetHeld(true); }
  void Release() { SetHeld(false); }
  void AwaitWriting() {
    base::MutexLock lock(&mu_);
    while (!is_writing_) changed_.Wait(&mu_);
  }
  void AwaitBatches(size_t count) {
    base::MutexLock lock(&mu_);
    while (texts_.size() < count) changed_.Wait(&mu_);
  }
  std::vector<std::string> texts() {
    base::MutexLock lock(&mu_);
    return texts_;
  }
  // How many pieces of memory the batches had.
  size_t memory_pieces() {
    base::MutexLock lock(&mu_);
    return memory_.size();
  }

 private:
  void Signal() {
    base::MutexLock lock(&mu_);
    changed_.SignalAll();
  }
  void SetHeld(bool held) {
    base::MutexLock lock(&mu_);
    is_held_ = held;
    changed_.SignalAll();
  }

  ExportCounts& counts_;
  base::Mutex mu_;
  base::CondVar changed_;
  bool is_held_ ABSL_GUARDED_BY(mu_) = false;
  bool is_writing_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mu_);
  std::set<const char*> memory_ ABSL_GUARDED_BY(mu_);
};

class BatcherTest : public testing::Test {
 protected:
  Batcher& Start(const Batcher::Options& options) {
    batcher_ = std::make_unique<Batcher>(options, writer_, counts_);
    return *batcher_;
  }
  // All batches are written, and their memory is back.
  void AwaitEmpty() const {
    while (counts_.queued_bytes > 0) std::this_thread::yield();
  }
  int64_t Dropped(DropReason reason) const { return counts_.dropped[static_cast<size_t>(reason)]; }

  ExportCounts counts_;
  FakeWriter writer_{counts_};
  std::unique_ptr<Batcher> batcher_;
};

TEST_F(BatcherTest, JoinsRecordsByTheSeparator) {
  Batcher& batcher = Start({.interval = hours(1), .separator = ", "});

  EXPECT_TRUE(batcher.Add("one"));
  EXPECT_TRUE(batcher.Add(""));
  EXPECT_TRUE(batcher.Add("three"));
  batcher.Stop(minutes(1));

  EXPECT_THAT(writer_.texts(), ElementsAre("one, , three"));
  EXPECT_EQ(counts_.sent, 3);
}

TEST_F(BatcherTest, ClosesABatchBeforeItHasTooManyBytes) {
  Batcher& batcher = Start({.batch_bytes = 5, .interval = hours(1)});

  for (const char* record : {"aa", "bb", "c", "dddd", "e", "f"}) batcher.Add(record);
  batcher.Stop(minutes(1));

  EXPECT_THAT(writer_.texts(), ElementsAre("aa\nbb", "c", "dddd", "e\nf"));
}

TEST_F(BatcherTest, WritesAFullBatchAtOnce) {
  Batcher& batcher = Start({.batch_bytes = 5, .interval = hours(1)});

  batcher.Add("aa");
  batcher.Add("bb");

  writer_.AwaitBatches(1);
  EXPECT_THAT(writer_.texts(), ElementsAre("aa\nbb"));
}

TEST_F(BatcherTest, ARecordLongerThanABatchHasOneOfItsOwn) {
  Batcher& batcher = Start({.batch_bytes = 5, .interval = hours(1)});

  for (const char* record : {"a", "longer than a batch", "b"}) batcher.Add(record);
  batcher.Stop(minutes(1));

  EXPECT_THAT(writer_.texts(), ElementsAre("a", "longer than a batch", "b"));
}

TEST_F(BatcherTest, WritesABatchWhenItsFirstRecordHasWaitedForTheInterval) {
  Batcher& batcher = Start({.interval = milliseconds(20)});
  const base::MonotonicTime begin = base::Clock::System().MonotonicNow();

  batcher.Add("one");
  writer_.AwaitBatches(1);

  EXPECT_GE(base::Clock::System().MonotonicNow() - begin, milliseconds(20));
  EXPECT_THAT(writer_.texts(), ElementsAre("one"));
}

TEST_F(BatcherTest, TheIntervalOfABatchRunsWhileAnotherIsWritten) {
  Batcher& batcher = Start({.batch_bytes = 3, .interval = milliseconds(1)});
  writer_.Hold();
  batcher.Add("one");
  writer_.AwaitWriting();

  batcher.Add("2");
  writer_.Release();

  writer_.AwaitBatches(2);
  EXPECT_THAT(writer_.texts(), ElementsAre("one", "2"));
}

TEST_F(BatcherTest, DropsWhatDoesNotFit) {
  Batcher& batcher =
      Start({.max_queued_bytes = 100, .batch_bytes = 50, .interval = milliseconds(1)});
  writer_.Hold();

  int kept = 0;
  while (batcher.Add("ten bytes.")) ++kept;

  EXPECT_GE(kept, 8);
  EXPECT_LE(counts_.queued_bytes, 100);
  EXPECT_EQ(Dropped(DropReason::kQueueFull), 1);
  writer_.Release();
  batcher.Stop(minutes(1));
  EXPECT_EQ(counts_.sent, kept);
  EXPECT_EQ(counts_.queued_bytes, 0);
}

TEST_F(BatcherTest, TheBatchBeingWrittenCountsInTheBound) {
  Batcher& batcher = Start({.max_queued_bytes = 12, .batch_bytes = 10, .interval = hours(1)});
  writer_.Hold();
  batcher.Add("ten bytes.");
  writer_.AwaitWriting();

  EXPECT_EQ(counts_.queued_bytes, 10);
  EXPECT_FALSE(batcher.Add("two"));
  EXPECT_TRUE(batcher.Add("2"));
}

TEST_F(BatcherTest, ARecordLongerThanTheBoundIsDropped) {
  Batcher& batcher = Start({.max_queued_bytes = 10, .interval = hours(1)});

  EXPECT_FALSE(batcher.Add("eleven bytes"));
  batcher.Stop(minutes(1));

  EXPECT_THAT(writer_.texts(), IsEmpty());
  EXPECT_EQ(Dropped(DropReason::kQueueFull), 1);
}

TEST_F(BatcherTest, AccountsForEveryRecordOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kRecords = 20'000;
  Batcher& batcher =
      Start({.max_queued_bytes = 4000, .batch_bytes = 500, .interval = milliseconds(1)});
  std::atomic<int64_t> accepted = 0;
  std::atomic<int64_t> most_queued = 0;

  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kRecords; ++n) {
        accepted += batcher.Add("a record of some bytes") ? 1 : 0;
        most_queued = std::max<int64_t>(most_queued, counts_.queued_bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  batcher.Stop(minutes(1));

  EXPECT_EQ(counts_.sent, accepted);
  EXPECT_EQ(counts_.sent + Dropped(DropReason::kQueueFull), kThreads * kRecords);
  EXPECT_LE(most_queued, 4000);
}

TEST_F(BatcherTest, LosesNothingWhenTheWriterKeepsUp) {
  Batcher& batcher = Start({.max_queued_bytes = 4000, .batch_bytes = 999, .interval = hours(1)});

  for (size_t round = 1; round <= 50; ++round) {
    // Ten records of 99 bytes and a separator fill a batch: a quarter of the bound.
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(batcher.Add(std::string(99, 'x')));
    writer_.AwaitBatches(round);
  }

  EXPECT_EQ(counts_.sent, 500);
}

TEST_F(BatcherTest, ASmallQueueLosesNothingWithTheDefaultBatch) {
  Batcher& batcher = Start({.max_queued_bytes = size_t{64} << 10, .interval = hours(1)});

  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(batcher.Add(std::string(100, 'x')));
    // A batch that is closed at a quarter of the queue leaves no more waiting than that.
    while (counts_.queued_bytes > 16 << 10) std::this_thread::yield();
  }
  batcher.Stop(minutes(1));

  EXPECT_EQ(counts_.sent, 10'000);
}

TEST_F(BatcherTest, ABatchIsAtMostAQuarterOfTheQueue) {
  Batcher& batcher = Start({.max_queued_bytes = 20, .batch_bytes = 20, .interval = hours(1)});

  for (const char* record : {"aa", "bb", "c"}) batcher.Add(record);
  batcher.Stop(minutes(1));

  EXPECT_THAT(writer_.texts(), ElementsAre("aa\nbb", "c"));
}

TEST_F(BatcherTest, UsesTheMemoryOfABatchAgain) {
  Batcher& batcher = Start({.batch_bytes = 1000, .interval = hours(1)});

  for (int round = 0; round < 50; ++round) {
    batcher.Add(std::string(1000, 'x'));
    AwaitEmpty();
  }

  EXPECT_LE(writer_.memory_pieces(), 3U);
}

TEST_F(BatcherTest, StopIsBoundedWhenTheWriterBlocks) {
  Batcher& batcher = Start({.batch_bytes = 3, .interval = hours(1)});
  writer_.Hold();
  for (const char* record : {"one", "two", "3"}) batcher.Add(record);
  writer_.AwaitWriting();

  batcher.Stop(milliseconds(10));

  EXPECT_EQ(counts_.sent, 0);
  EXPECT_EQ(Dropped(DropReason::kGaveUp), 3);
  EXPECT_EQ(counts_.queued_bytes, 0);
}

TEST_F(BatcherTest, StopWritesABatchThatWasNotDue) {
  Batcher& batcher = Start({.batch_bytes = 3, .interval = hours(1)});
  batcher.Add("one");
  // Now the thread waits for the batch of "2" to become due.
  batcher.Add("2");
  writer_.AwaitBatches(1);

  batcher.Stop(minutes(1));

  EXPECT_THAT(writer_.texts(), ElementsAre("one", "2"));
}

TEST_F(BatcherTest, RecordsAfterStopAreDropped) {
  Batcher& batcher = Start({});
  batcher.Stop(minutes(1));

  EXPECT_FALSE(batcher.Add("late"));

  EXPECT_THAT(writer_.texts(), IsEmpty());
  EXPECT_EQ(Dropped(DropReason::kGaveUp), 1);
}

TEST_F(BatcherTest, ASecondStopWaitsForTheFirst) {
  Batcher& batcher = Start({.batch_bytes = 3, .interval = hours(1)});
  writer_.Hold();
  batcher.Add("one");
  writer_.AwaitWriting();
  std::thread first([&] { batcher.Stop(minutes(1)); });
  while (batcher.Add("")) std::this_thread::yield();

  auto second = std::async(std::launch::async, [&] {
    batcher.Stop(milliseconds(0));
    return counts_.queued_bytes.load();
  });

  // Only shows the mistake: nothing depends on how far the second has come by then.
  EXPECT_EQ(second.wait_for(milliseconds(20)), std::future_status::timeout);
  writer_.Release();
  EXPECT_EQ(second.get(), 0);
  first.join();
  EXPECT_EQ(Dropped(DropReason::kGaveUp), 1);
}

TEST_F(BatcherTest, ASecondStopDoesNothing) {
  Batcher& batcher = Start({.interval = hours(1)});
  batcher.Add("one");
  batcher.Stop(minutes(1));

  batcher.Stop(hours(1));

  EXPECT_THAT(writer_.texts(), ElementsAre("one"));
}

TEST_F(BatcherTest, TheDestructorTakesNoTimeToFlush) {
  Start({.interval = hours(1)}).Add("one");
  writer_.Hold();

  batcher_.reset();

  EXPECT_EQ(counts_.sent, 0);
  EXPECT_EQ(Dropped(DropReason::kGaveUp), 1);
}

}  // namespace
}  // namespace muster::telemetry::exporters
