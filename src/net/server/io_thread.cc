#include "net/server/io_thread.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"

namespace muster::net::server {

IoThread::IoThread(std::chrono::milliseconds check_interval) : check_interval_(check_interval) {}

void IoThread::Start() {
  boost::asio::co_spawn(context_, CheckDeadlines(), boost::asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

void IoThread::Stop() {
  {
    const base::MutexLock lock(&mutex_);
    stopped_ = true;
    // The last thing that is posted, so that all before it is run.
    boost::asio::post(context_, [this] { End(); });
  }
  thread_.join();
}

void IoThread::End() {
  draining_ = true;
  ended_ = true;
  check_timer_.cancel();
  for (Connection* connection : connections_) connection->Cut();
  // The thread ends when the last coroutine has.
  work_.reset();
}

void IoThread::DrainAll() {
  draining_ = true;
  for (Connection* connection : connections_) connection->Drain();
}

Task<> IoThread::CheckDeadlines() {
  while (!ended_) {
    boost::system::error_code error;
    check_timer_.expires_after(check_interval_);
    co_await check_timer_.async_wait(Into(error));
    if (error) continue;
    const base::MonotonicTime now = base::Clock::System().MonotonicNow();
    for (Connection* connection : connections_) connection->CheckDeadlines(now);
  }
}

std::string_view IoThread::Date() {
  const auto now = std::chrono::floor<std::chrono::seconds>(base::Clock::System().Now());
  if (now != date_second_) {
    date_second_ = now;
    // RFC 9110, section 5.6.7.
    date_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                             absl::FromUnixSeconds(now.time_since_epoch().count()),
                             absl::UTCTimeZone());
  }
  return date_;
}

}  // namespace muster::net::server
