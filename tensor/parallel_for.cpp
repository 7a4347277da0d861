// parallel_for on the pool's own tasks. The caller takes pieces until none is left, then waits only for those that
// others have begun: it never picks up unrelated work, and it needs no worker to get on.
#include <headrace/tensor/pool.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <thread>
#include <utility>

namespace headrace::pool {
namespace {

using Body = std::function<void(std::int64_t, std::int64_t)>;

constexpr std::int64_t kPiecesEach = 16;  // the last one keeps the others waiting
constexpr int kYields = 200;              // some 60 us: being woken takes as long

struct Loop {
  const Body* body;  // only touched by who holds a piece: the caller is still there
  std::int64_t n;
  std::int64_t pieces;
  std::atomic<std::int64_t> next{0};
  std::atomic<std::int64_t> done{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;

  void run_piece(std::int64_t piece) {
    // n * piece would overflow for the largest n.
    const std::int64_t size = n / pieces, longer = n % pieces;
    const std::int64_t begin = piece * size + std::min(piece, longer);
    try {
      if (!failed) (*body)(begin, begin + size + (piece < longer));
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
    if (++done == pieces) done.notify_all();
  }
  void run() {
    for (std::int64_t piece; (piece = next++) < pieces;) run_piece(piece);
  }
};

}  // namespace

void parallel_for(std::int64_t n, std::int64_t grain, const Body& body) {
  const int threads = active_threads();
  const std::int64_t pieces = std::min<std::int64_t>(n / std::max<std::int64_t>(grain, 1), kPiecesEach * threads);
  if (pieces <= 1 || threads <= 1) {
    if (n > 0) body(0, n);
    return;
  }
  const auto loop = std::make_shared<Loop>();
  loop->body = &body;
  loop->n = n;
  loop->pieces = pieces;
  const std::int64_t helpers = std::min<std::int64_t>(pieces, threads) - 1;
  try {
    for (std::int64_t helper = 0; helper < helpers; ++helper) enqueue([loop] { loop->run(); });
  } catch (const std::bad_alloc&) {  // fewer helpers, then
  }
  loop->run();
  for (int i = 0; i < kYields && loop->done < pieces; ++i) std::this_thread::yield();
  for (std::int64_t done; (done = loop->done) < pieces;) loop->done.wait(done);
  if (loop->error) std::rethrow_exception(std::exchange(loop->error, nullptr));  // helpers may keep the loop longer
}

}  // namespace headrace::pool
