#include <headrace/io/tool/console.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include <headrace/io/file.hpp>
#include <headrace/io/tool/command.hpp>

namespace headrace::tool {
namespace {

constexpr int kNoted[] = {SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t received = 0;
struct sigaction before[4];

void note(int signal) { received = signal; }

std::string show_seconds(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

}  // namespace

Signals::Signals() {
  received = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one ends the process
  for (std::size_t i = 0; i < std::size(kNoted); ++i) ::sigaction(kNoted[i], &action, &before[i]);
  action = {};
  action.sa_handler = SIG_DFL;  // `headrace head FILE | head -1` ends quietly
  ::sigaction(SIGPIPE, &action, &before[3]);
}

Signals::~Signals() {
  for (std::size_t i = 0; i < std::size(kNoted); ++i) ::sigaction(kNoted[i], &before[i], nullptr);
  ::sigaction(SIGPIPE, &before[3], nullptr);
}

void Signals::poll() {
  if (received != 0) throw Interrupted{received};
}

void Console::clear_line() {
  if (line_shown_) std::fputs("\r\033[K", err_);
  line_shown_ = false;
}

void Console::print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_line();
  if (std::fwrite(text.data(), 1, text.size(), out_) != text.size())
    throw_io("headrace", "write to", "standard output");
}

void Console::flush() {
  const std::lock_guard lock(mutex_);
  if (std::fflush(out_) != 0) throw_io("headrace", "write to", "standard output");
}

void Console::say(std::string_view words) {
  const std::lock_guard lock(mutex_);
  clear_line();
  std::fprintf(err_, "headrace: %.*s\n", static_cast<int>(words.size()), words.data());
  std::fflush(err_);
}

Progress::Progress(Console& console, std::string what, std::int64_t bytes, bool quiet)
    : console_(console),
      what_(std::move(what)),
      bytes_(bytes),
      quiet_(quiet),
      terminal_(::isatty(::fileno(console.err_)) == 1),
      begun_(Clock::now()),
      next_((begun_ + std::chrono::milliseconds(terminal_ ? 200 : 5000)).time_since_epoch().count()) {}

Progress::~Progress() {
  const std::lock_guard lock(console_.mutex_);
  console_.clear_line();
  std::fflush(console_.err_);
}

void Progress::skip(std::int64_t bytes) {
  skipped_ += bytes;
  done_ += bytes;
}

void Progress::add(std::int64_t bytes) {
  Signals::poll();
  done_.fetch_add(bytes, std::memory_order_relaxed);
  if (quiet_) return;
  const Clock::time_point now = Clock::now();
  std::int64_t due = next_;
  if (now.time_since_epoch().count() < due) return;
  const auto later = now + std::chrono::milliseconds(terminal_ ? 100 : 5000);
  if (next_.compare_exchange_strong(due, later.time_since_epoch().count())) show(now);
}

void Progress::show(Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  const auto done = static_cast<double>(done_);
  const double rate = (done - static_cast<double>(skipped_)) / std::max(seconds, 1e-3);
  const double left = std::max(static_cast<double>(bytes_) - done, 0.0) / std::max(rate, 1.0);
  const std::string line = what_ + ": " + show_bytes(done) + " of " + show_bytes(static_cast<double>(bytes_)) + ", " +
                           show_bytes(rate) + "/s, " + show_seconds(left) + " left";
  const std::lock_guard lock(console_.mutex_);
  std::fprintf(console_.err_, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  console_.line_shown_ = terminal_;
  std::fflush(console_.err_);
}

}  // namespace headrace::tool
