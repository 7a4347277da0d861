#include <headrace/pipeline/iterator.hpp>

#include <atomic>

#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/stage.hpp>
#include <headrace/pipeline/state.hpp>

namespace headrace {

struct Iterator::Impl {
  NodePtr plan;
  std::shared_ptr<Run> run;
  std::unique_ptr<Cursor> cursor;
  std::int64_t position = 0;
  std::vector<std::string> notes;
  std::atomic<bool> busy{false};
  bool closed = false;

  Impl(NodePtr plan_, std::int64_t epoch, const Seeds& seeds)
      : plan(std::move(plan_)), run(std::make_shared<Run>(plan, epoch, seeds)), cursor(open(*plan, run->context())) {}
  ~Impl() { stop(); }

  void stop() {
    if (run) run->cancel();
    cursor.reset();
  }
};

namespace {

/// One call at a time.
class Busy {
 public:
  explicit Busy(std::atomic<bool>& flag) : flag_(flag) {
    if (flag_.exchange(true, std::memory_order_acquire)) {
      throw StateError(
          "[iterator] it is in use: by another thread, or it was called from a function that it runs; give each its "
          "own iterator");
    }
  }
  ~Busy() { flag_.store(false, std::memory_order_release); }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic<bool>& flag_;
};

}  // namespace

Iterator::Iterator(std::shared_ptr<const Node> plan, std::int64_t epoch, const std::vector<std::int64_t>& seeds)
    : impl_(std::make_unique<Impl>(std::move(plan), epoch, seeds)) {}
Iterator::~Iterator() = default;
Iterator::Iterator(Iterator&&) noexcept = default;
Iterator& Iterator::operator=(Iterator&&) noexcept = default;

RowView Iterator::peek() {
  const Busy busy(impl_->busy);
  require(!impl_->closed, "iterator", "it is closed; make a new one");
  return impl_->cursor->peek(1);
}

void Iterator::advance() {
  const Busy busy(impl_->busy);
  impl_->cursor->take(1);
  ++impl_->position;
}

std::optional<Element> Iterator::next() {
  const RowView row = peek();
  if (row.empty()) return std::nullopt;
  if (const FailurePtr failure = row.failure(0)) {
    impl_->notes = failure->notes;
    advance();
    std::rethrow_exception(failure->error);
  }
  Element element = row.element(0);
  advance();
  return element;
}

const std::vector<std::string>& Iterator::last_notes() const { return impl_->notes; }

std::string Iterator::state() const {
  const Busy busy(impl_->busy);
  require(!impl_->closed, "iterator", "it is closed and has no state; save before closing");
  Mark mark;
  impl_->cursor->mark(mark);
  State state;
  state.fingerprint = fingerprint_of(*impl_->plan);
  state.epoch = impl_->run->epoch();
  state.position = impl_->position;
  state.seeds = seeds();
  for (const auto& [name, value, data] : mark.entries())
    state.mark.push_back({std::string(name), value, data ? std::optional(data->to_text()) : std::nullopt});
  return state.to_json();
}

void Iterator::load_state(const std::string& text) {
  const Busy busy(impl_->busy);
  const State state = State::from_json(text);
  const std::string fingerprint = fingerprint_of(*impl_->plan);
  require(state.fingerprint == fingerprint, "state", "it must be of this plan, ", fingerprint, ", got one of ",
          state.fingerprint, "; make the dataset with the same stages and options");
  require(state.epoch >= 0 && state.position >= 0, "state", "epoch and position must be >= 0, got ", state.epoch,
          " and ", state.position, "; the state is damaged");
  const auto run = std::make_shared<Run>(impl_->plan, state.epoch, state.seeds);
  auto cursor = open(*impl_->plan, run->context());
  MarkReader reader(state.mark);
  run->set_quiet(true);
  cursor->restore(reader);
  require(reader.at_end(), "state", "it has entries that this plan does not know; the state is of another plan");
  run->ledger().forget_counts();
  run->set_quiet(false);
  impl_->stop();
  impl_->run = run;
  impl_->cursor = std::move(cursor);
  impl_->position = state.position;
  impl_->closed = false;
}

std::vector<std::int64_t> Iterator::seeds() const {
  Seeds seeds;
  for (const Node* node : nodes_of(*impl_->plan)) {
    if (node->seed() && node->seed()->drawn) seeds.push_back(impl_->run->seed(*node));
  }
  return seeds;
}

std::int64_t Iterator::epoch() const { return impl_->run->epoch(); }

std::int64_t Iterator::position() const { return impl_->position; }

std::optional<std::int64_t> Iterator::remaining() const {
  const std::int64_t n = impl_->plan->cardinality();
  if (n < 0) return std::nullopt;
  return n - impl_->position;
}

bool Iterator::works_here() const { return WorkingFor::here(*impl_->run); }

bool Iterator::writable() const { return impl_->run->writable(); }

std::vector<StageStats> Iterator::stats() const {
  const Busy busy(impl_->busy);
  auto accounts = impl_->run->ledger().accounts();
  std::vector<StageStats> stats;
  const auto visit = [&](const auto& self, const Node& node, int depth) -> void {
    stats.push_back({node.label(), to_string(node.call()), depth, accounts[&node], impl_->run->ledger().causes(node),
                     impl_->run->ledger().notes(node)});
    for (const auto& upstream : node.upstream()) self(self, *upstream, depth + 1);
  };
  visit(visit, *impl_->plan, 0);
  return stats;
}

void Iterator::close() {
  const Busy busy(impl_->busy);
  impl_->closed = true;
  impl_->stop();
}

bool Iterator::closed() const { return impl_->closed; }

}  // namespace headrace
