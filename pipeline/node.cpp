#include <headrace/pipeline/node.hpp>

#include <random>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/random_access.hpp>
#include <headrace/pipeline/slices.hpp>
#include <headrace/pipeline/stage.hpp>

namespace headrace {

namespace {

bool accounted(const Failure& failure, const Node& node) {
  for (const auto& adjustment : failure.adjustments) {
    if (adjustment.node == &node) return true;
  }
  return false;
}

FailurePtr passed_through(const FailurePtr& failure, const Node& node) {
  return accounted(*failure, node) ? failure : with_adjustment(*failure, {&node, 1, 0});
}

std::int64_t drawn_seed() {
  std::random_device device;
  return static_cast<std::int64_t>((std::uint64_t{device()} << 31 ^ device()) >> 1);
}

}  // namespace

Node::Node(std::vector<NodePtr> upstream) : upstream_(std::move(upstream)), call_(std::make_unique<StageCall>()) {}
Node::~Node() = default;

const std::string& Node::label() const { return label_; }

void Node::use_seed(std::optional<std::int64_t> seed) {
  seed_ = seed ? Seed{*seed, false, true} : Seed{drawn_seed(), true, true};
}

void Node::use_seed_for_inner() { seed_ = Seed{drawn_seed(), true, false}; }

bool Node::reads_inline() const {
  return runs_inline() ||
         std::any_of(upstream_.begin(), upstream_.end(), [](const NodePtr& node) { return node->reads_inline(); });
}

Node::Batches Node::batches() const {
  const auto known = spec();
  if (!known || known->components.empty() || cardinality() < 0) return {};
  std::int64_t rows = 0;
  for (const Component& component : components_of(*known->structure)) {
    const std::int64_t size = rows_known(*known, component);
    if (size < 1 || (rows > 0 && size != rows)) return {};
    rows = size;
  }
  return {rows, rows * cardinality()};
}

bool Node::tallies_by_count() const {
  return std::all_of(upstream_.begin(), upstream_.end(), [](const NodePtr& node) { return node->tallies_by_count(); });
}

Element Node::at(const Context& context, std::int64_t position) const {
  const StageClock::Scope timed(context.clock, *this);
  try {
    return do_at(context, position);
  } catch (const Failed& failed) {
    throw Failed{passed_through(failed.failure, *this)};
  }
}

Rows Node::gather(const Context& context, const Positions& positions) const {
  const StageClock::Scope timed(context.clock, *this);
  Rows rows = do_gather(context, positions);
  for (auto& failed : rows.failures) failed.failure = passed_through(failed.failure, *this);
  for (auto& outcome : rows.list) {
    if (outcome.failure) outcome.failure = passed_through(outcome.failure, *this);
  }
  return rows;
}

RowSlices Node::slices(const Context& context, const Positions& positions) const {
  const StageClock::Scope timed(context.clock, *this);
  return do_slices(context, positions);
}

RowSlices Node::do_slices(const Context&, const Positions&) const {
  throw StateError(sentence(label(), "elements are no slices of arrays here"));
}

Element Node::do_at(const Context& context, std::int64_t position) const {
  return do_gather(context, Positions::range(position, 1)).element(0);
}

Rows Node::do_gather(const Context& context, const Positions& positions) const {
  std::vector<Outcome> list(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i) {
    auto& outcome = list[static_cast<std::size_t>(i)];
    try {
      outcome.element = do_at(context, positions[i]);
    } catch (...) {
      outcome.failure = capture_failure(*this, positions[i]);
    }
  }
  return Rows::of_list(std::move(list));
}

void Node::gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns,
                       const Positions& to, std::vector<FailedRow>& failures) const {
  const Rows rows = gather(context, positions);
  for (std::int64_t row = 0; row < rows.count; ++row) {
    if (const FailurePtr& failure = rows.failure(row)) failures.push_back({to[row], failure});
  }
  if (rows.stacked) {
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
      copy_rows(rows.columns[leaf], Positions::range(0, rows.count), columns[leaf], to);
    return;
  }
  for (std::int64_t row = 0; row < rows.count; ++row) {
    if (rows.failure(row)) continue;
    const Element& element = rows.list[static_cast<std::size_t>(row)].element;
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
      copy(element.components[leaf], columns[leaf].row(to[row]));
  }
}

std::unique_ptr<Cursor> Node::open_stream(const Context& context) const { return open_in_order(*this, context); }

void Node::tally(const Context& context, const Positions& outputs, Tally& tally) const {
  const auto known = spec();
  const std::int64_t size = known ? std::max<std::int64_t>(known->nbytes(), 0) : 0;
  Account account;
  account.in = account.used = account.outputs = outputs.count;
  account.bytes = outputs.count * size;
  tally.add(*this, account);
  for (const auto& node : upstream_) node->tally(context, outputs, tally);
}

Element ReindexNode::do_at(const Context& context, std::int64_t position) const {
  std::vector<std::int64_t> scratch;
  return up().at(upstream_context(context), translate(context, Positions::range(position, 1), scratch)[0]);
}

Rows ReindexNode::do_gather(const Context& context, const Positions& positions) const {
  std::vector<std::int64_t> scratch;
  return up().gather(upstream_context(context), translate(context, positions, scratch));
}

RowSlices ReindexNode::do_slices(const Context& context, const Positions& positions) const {
  std::vector<std::int64_t> scratch;
  return up().slices(upstream_context(context), translate(context, positions, scratch));
}

void ReindexNode::gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns,
                              const Positions& to, std::vector<FailedRow>& failures) const {
  std::vector<std::int64_t> scratch;
  const std::size_t before = failures.size();
  up().gather_into(upstream_context(context), translate(context, positions, scratch), columns, to, failures);
  for (std::size_t i = before; i < failures.size(); ++i)
    failures[i].failure = passed_through(failures[i].failure, *this);
}

void ReindexNode::tally(const Context& context, const Positions& outputs, Tally& tally) const {
  constexpr std::int64_t kBlock = 4096;
  const auto known = spec();
  Account account;
  account.in = account.used = account.outputs = outputs.count;
  account.bytes = outputs.count * (known ? std::max<std::int64_t>(known->nbytes(), 0) : 0);
  tally.add(*this, account);
  if (up().tallies_by_count()) {
    up().tally(upstream_context(context), Positions::range(0, outputs.count), tally);
    return;
  }
  for (std::int64_t begin = 0; begin < outputs.count; begin += kBlock) {
    std::vector<std::int64_t> scratch;
    const Positions block = outputs.slice(begin, std::min(kBlock, outputs.count - begin));
    up().tally(upstream_context(context), translate(context, block, scratch), tally);
  }
}

}  // namespace headrace
