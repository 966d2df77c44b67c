#include "telemetry/exporters/file_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <thread>
#include <utility>

#include "gmock/gmock.h"

namespace muster::telemetry::exporters {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) { EXPECT_GE(number, 0); }
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  void Close() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  explicit Pipe(int flags = 0) : Pipe(Make(flags)) {}

  static std::array<int, 2> Make(int flags) {
    std::array<int, 2> ends = {-1, -1};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC | flags), 0);
    return ends;
  }

  Descriptor reader;
  Descriptor writer;

 private:
  explicit Pipe(std::array<int, 2> ends) : reader(ends[0]), writer(ends[1]) {}
};

// What can be read until there are `bytes` of it or the end.
std::string Read(int descriptor, size_t bytes) {
  std::string text;
  std::array<char, 65536> buffer;
  while (text.size() < bytes) {
    const ssize_t got =
        read(descriptor, buffer.data(), std::min(buffer.size(), bytes - text.size()));
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  return text;
}

// As many lines. A terminal's end of a line is brought back to what was written.
std::string ReadLines(int descriptor, int lines) {
  std::string text;
  std::array<char, 65536> buffer;
  while (lines > 0) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got <= 0) break;
    const std::string_view part(buffer.data(), static_cast<size_t>(got));
    lines -= static_cast<int>(std::count(part.begin(), part.end(), '\n'));
    text.append(part);
  }
  std::erase(text, '\r');
  return text;
}

void AwaitBytes(int descriptor) {
  pollfd watched = {descriptor, POLLIN, 0};
  EXPECT_EQ(poll(&watched, 1, -1), 1);
}

// How many lines of the text are this one, with its end.
int CountLines(std::string_view text, std::string_view wanted) {
  int count = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n') + 1);
    if (line.empty()) break;
    count += line == wanted ? 1 : 0;
    text.remove_prefix(line.size());
  }
  return count;
}

class FileWriterTest : public testing::Test {
 protected:
  int64_t GaveUp() const { return counts_.dropped[static_cast<size_t>(DropReason::kGaveUp)]; }

  ExportCounts counts_;
};

TEST_F(FileWriterTest, EndsEachBatchWithALine) {
  const Descriptor file(memfd_create("file", MFD_CLOEXEC));
  FileWriter writer(file.get(), counts_);

  writer.Write({.text = "one\ntwo", .records = 2}, {});
  writer.Write({.text = "three", .records = 1}, {});

  lseek(file.get(), 0, SEEK_SET);
  EXPECT_EQ(Read(file.get(), 100), "one\ntwo\nthree\n");
  EXPECT_EQ(counts_.sent, 3);
}

TEST_F(FileWriterTest, WritesALargeBatchWhole) {
  const Descriptor file(memfd_create("file", MFD_CLOEXEC));
  const std::string text(3'000'000, 'x');

  FileWriter(file.get(), counts_).Write({.text = text, .records = 1}, {});

  lseek(file.get(), 0, SEEK_SET);
  EXPECT_EQ(Read(file.get(), 4'000'000), text + "\n");
}

class PipeWriterTest : public FileWriterTest, public testing::WithParamInterface<int> {};

TEST_P(PipeWriterTest, WaitsForTheReader) {
  const Pipe pipe(GetParam());
  const std::string text(1'000'000, 'x');
  FileWriter writer(pipe.writer.get(), counts_);

  std::thread thread([&] { writer.Write({.text = text, .records = 1}, {}); });
  std::string read;
  while (read.size() <= text.size()) {
    AwaitBytes(pipe.reader.get());
    read += Read(pipe.reader.get(), 1);
    read += Read(pipe.reader.get(), std::min<size_t>(4095, text.size() + 1 - read.size()));
  }
  thread.join();

  EXPECT_EQ(read, text + "\n");
  EXPECT_EQ(counts_.sent, 1);
}

INSTANTIATE_TEST_SUITE_P(BlockingOrNot, PipeWriterTest, testing::Values(0, O_NONBLOCK));

// Two ends of one connection.
std::array<int, 2> SocketPair() {
  std::array<int, 2> ends = {-1, -1};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  return ends;
}

// The master and the slave of a new pseudo-terminal.
std::array<int, 2> Terminal() {
  std::array<int, 2> ends = {-1, -1};
  EXPECT_EQ(openpty(ends.data(), ends.data() + 1, nullptr, nullptr, nullptr), 0);
  return ends;
}

struct Channel {
  const char* name;
  // Where to read and where to write; both ends block.
  std::array<int, 2> (*make)();
};

std::ostream& operator<<(std::ostream& out, const Channel& channel) { return out << channel.name; }

class ChannelTest : public FileWriterTest, public testing::WithParamInterface<Channel> {
 protected:
  const std::array<int, 2> ends_ = GetParam().make();
  const Descriptor reader_{ends_[0]};
  const Descriptor target_{ends_[1]};
};

TEST_P(ChannelTest, ThatNobodyReadsDoesNotHoldBackTheStop) {
  FileWriter writer(target_.get(), counts_);
  Batcher batcher({.interval = milliseconds(1)}, writer, counts_);
  batcher.Add(std::string(1'000'000, 'x'));
  batcher.Add("next");
  AwaitBytes(reader_.get());

  batcher.Stop(milliseconds(50));

  EXPECT_EQ(counts_.sent, 0);
  EXPECT_EQ(GaveUp(), 2);
}

TEST_P(ChannelTest, IsStillBlockingForOthers) {
  {
    FileWriter writer(target_.get(), counts_);
    writer.Write({.text = "one", .records = 1}, {});
  }

  EXPECT_EQ(fcntl(target_.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(counts_.sent, 1);
}

TEST_P(ChannelTest, TakesALongBatchWhole) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::string(50, 'x') + "\n";
  FileWriter writer(target_.get(), counts_);

  std::thread thread([&] { writer.Write({.text = text, .records = 2000}, {}); });
  const std::string read = ReadLines(reader_.get(), 2001);
  thread.join();

  EXPECT_EQ(read, text + "\n");
  EXPECT_EQ(counts_.sent, 2000);
}

INSTANTIATE_TEST_SUITE_P(Channels, ChannelTest,
                         testing::Values(Channel{"pipe", [] { return Pipe::Make(0); }},
                                         Channel{"socket", SocketPair},
                                         Channel{"terminal", Terminal}));

// Writes lines to a pipe as fast as it takes them, as standard error does under 2>&1.
class OtherWriter {
 public:
  OtherWriter(const Pipe& pipe, std::string line) : line_(std::move(line)) {
    thread_ = std::thread([this, target = pipe.writer.get()] {
      while (!done_) {
        EXPECT_EQ(write(target, line_.data(), line_.size()), static_cast<ssize_t>(line_.size()));
        has_begun_ = true;
      }
    });
    while (!has_begun_) std::this_thread::yield();
  }
  ~OtherWriter() { thread_.join(); }
  OtherWriter(const OtherWriter&) = delete;
  OtherWriter& operator=(const OtherWriter&) = delete;

  // It may wait for a reader once more.
  void Finish() { done_ = true; }

 private:
  const std::string line_;
  std::atomic<bool> has_begun_ = false;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

TEST_F(FileWriterTest, AnotherWriterThatFillsThePipeDoesNotHoldBackTheStop) {
  // Both fight for each place that is read free; not each time does the other win the last one.
  constexpr int kRounds = 40;
  const Pipe pipe;
  OtherWriter other(pipe, std::string(PIPE_BUF, 'o'));
  for (int round = 0; round < kRounds; ++round) {
    FileWriter writer(pipe.writer.get(), counts_);
    Batcher batcher({.interval = milliseconds(1)}, writer, counts_);
    batcher.Add(std::string(3'000'000, 'x'));

    for (int i = 0; i < 50; ++i) Read(pipe.reader.get(), PIPE_BUF);
    batcher.Stop(milliseconds(1));
  }

  EXPECT_EQ(GaveUp(), kRounds);
  other.Finish();
  Read(pipe.reader.get(), PIPE_BUF);
}

TEST_F(FileWriterTest, LinesAreNotMixedWithThoseOfAnotherWriter) {
  constexpr int kLines = 20'000;
  Pipe pipe;
  const std::string ours = std::string(100, 'a') + "\n";
  const std::string others = std::string(70, 'b') + "\n";
  std::string batch;
  for (int i = 0; i < kLines; ++i) batch += ours;
  batch.pop_back();
  std::string read;
  std::thread reader([&] { read = Read(pipe.reader.get(), SIZE_MAX); });

  {
    OtherWriter other(pipe, others);
    FileWriter(pipe.writer.get(), counts_).Write({.text = batch, .records = kLines}, {});
    other.Finish();
  }
  pipe.writer.Close();
  reader.join();

  EXPECT_EQ(CountLines(read, ours), kLines);
  EXPECT_EQ(CountLines(read, others) + kLines, std::count(read.begin(), read.end(), '\n'));
}

TEST_F(FileWriterTest, GivesItsOwnDescriptorsBack) {
  Pipe pipe;
  { const FileWriter writer(pipe.writer.get(), counts_); }

  pipe.writer.Close();

  EXPECT_EQ(Read(pipe.reader.get(), 1), "");
}

TEST_F(FileWriterTest, AClosedSocketIsAnErrorAndNoSignal) {
  const std::array<int, 2> ends = SocketPair();
  const Descriptor target(ends[1]);
  close(ends[0]);

  FileWriter(target.get(), counts_).Write({.text = "one", .records = 1}, {});

  EXPECT_EQ(GaveUp(), 1);
  EXPECT_EQ(counts_.failed_attempts, 1);
}

TEST_F(FileWriterTest, WritesToTheMasterOfATerminalItself) {
  const std::array<int, 2> ends = Terminal();
  const Descriptor master(ends[0]);
  const Descriptor slave(ends[1]);

  FileWriter(master.get(), counts_).Write({.text = "one", .records = 1}, {});

  EXPECT_EQ(Read(slave.get(), 4), "one\n");
}

TEST_F(FileWriterTest, WritesNothingWhenStoppedBefore) {
  const Descriptor file(memfd_create("file", MFD_CLOEXEC));
  std::stop_source stop;
  stop.request_stop();

  FileWriter(file.get(), counts_).Write({.text = "one", .records = 1}, stop.get_token());

  EXPECT_EQ(lseek(file.get(), 0, SEEK_END), 0);
  EXPECT_EQ(GaveUp(), 1);
}

TEST_F(FileWriterTest, ABatchAfterOneThatWasCutBeginsOnALineOfItsOwn) {
  const Pipe pipe;
  FileWriter writer(pipe.writer.get(), counts_);
  const std::string long_text(1'000'000, 'x');
  std::stop_source stop;
  std::thread thread([&] { writer.Write({.text = long_text, .records = 1}, stop.get_token()); });
  AwaitBytes(pipe.reader.get());
  stop.request_stop();
  thread.join();
  fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK);
  EXPECT_EQ(Read(pipe.reader.get(), 1'000'000).find('\n'), std::string::npos);

  writer.Write({.text = "next", .records = 1}, {});

  EXPECT_EQ(Read(pipe.reader.get(), 100), "\nnext\n");
  EXPECT_EQ(counts_.sent, 1);
}

TEST_F(FileWriterTest, AClosedPipeIsAnErrorAndNoSignal) {
  Pipe pipe;
  pipe.reader.Close();
  FileWriter writer(pipe.writer.get(), counts_);
  Batcher batcher({}, writer, counts_);

  batcher.Add("one");
  batcher.Stop(minutes(1));

  EXPECT_EQ(GaveUp(), 1);
  EXPECT_EQ(counts_.failed_attempts, 1);
}

TEST_F(FileWriterTest, AfterAnErrorTheNextBatchIsTriedAgain) {
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const Descriptor file(memfd_create("file", MFD_CLOEXEC));
  const Descriptor target(dup(full.get()));
  FileWriter writer(target.get(), counts_);
  writer.Write({.text = "one", .records = 1}, {});
  writer.Write({.text = "two", .records = 1}, {});
  EXPECT_EQ(GaveUp(), 2);
  EXPECT_EQ(counts_.failed_attempts, 2);

  // As if there were room again.
  dup2(file.get(), target.get());
  writer.Write({.text = "three", .records = 1}, {});

  lseek(file.get(), 0, SEEK_SET);
  EXPECT_EQ(Read(file.get(), 100), "three\n");
  EXPECT_EQ(counts_.sent, 1);
}

TEST_F(FileWriterTest, ADescriptorThatIsNotOpenIsAnError) {
  const Descriptor file(memfd_create("file", MFD_CLOEXEC));
  const int number = dup(file.get());
  close(number);

  FileWriter(number, counts_).Write({.text = "one", .records = 1}, {});

  EXPECT_EQ(GaveUp(), 1);
}

}  // namespace
}  // namespace muster::telemetry::exporters
