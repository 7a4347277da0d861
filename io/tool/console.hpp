// Where a command writes to, and how far it is.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

namespace headrace::tool {

/// Thrown where the user has asked the program to end.
struct Interrupted {
  int signal;
};

/// While it lives, SIGINT and SIGTERM are noted, and ask work to end; a second one ends the process. One at a time.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  /// Throws Interrupted once one has come.
  static void poll();
};

/// Results go to one stream; what else is to be said, to the other. Thread-safe.
class Console {
 public:
  Console(std::FILE* out, std::FILE* err) : out_(out), err_(err) {}
  /// IoError where it cannot be written.
  void print(std::string_view text);
  /// What was printed is written. IoError where it cannot be.
  void flush();
  /// "headrace: WORDS" and a new line, on the other stream.
  void say(std::string_view words);

 private:
  friend class Progress;
  void clear_line();

  std::FILE* out_;
  std::FILE* err_;
  std::mutex mutex_;
  bool line_shown_ = false;
};

/// How far a piece of work is, with rate and time left: one line that changes where a terminal is, else a plain line
/// every five seconds, else nothing. Thread-safe.
class Progress {
 public:
  Progress(Console& console, std::string what, std::int64_t bytes, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// So many more are done. Throws Interrupted.
  void add(std::int64_t bytes);
  /// Done by an earlier run: not counted in the rate.
  void skip(std::int64_t bytes);

 private:
  using Clock = std::chrono::steady_clock;
  void show(Clock::time_point now);

  Console& console_;
  std::string what_;
  std::int64_t bytes_;
  bool quiet_, terminal_;
  std::atomic<std::int64_t> done_ = 0, skipped_ = 0;
  Clock::time_point begun_;
  std::atomic<std::int64_t> next_;  // of the clock, in its own units
};

}  // namespace headrace::tool
