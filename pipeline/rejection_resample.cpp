#include <headrace/pipeline/rejection_resample.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include <headrace/pipeline/numbers.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/sieve.hpp>
#include <headrace/pipeline/transform.hpp>

namespace headrace {

namespace {

using Shares = std::vector<double>;

Shares shares_of(const char* option, const Element& element) {
  const auto numbers = element.components.size() == 1 ? numbers_of(element.components[0]) : std::nullopt;
  require(numbers && !numbers->empty(), RejectionResample::name, option, " must be a vector of numbers, got ",
          spec_of(element).to_string());
  for (const double share : *numbers) {
    require(std::isfinite(share) && share >= 0, RejectionResample::name, option, " must hold finite numbers >= 0, got ",
            share);
  }
  const double sum = std::accumulate(numbers->begin(), numbers->end(), 0.0);
  require(std::abs(sum - 1) <= 1e-6, RejectionResample::name, option, " must have the sum 1, got ", sum,
          "; divide by it");
  return *numbers;
}

/// How likely an element of each class is kept: target / initial, the largest being 1.
Shares acceptance(const Shares& target, const Shares& initial) {
  Shares ratios(target.size());
  for (std::size_t i = 0; i < target.size(); ++i) ratios[i] = initial[i] > 0 ? target[i] / initial[i] : 0;
  const double most = *std::max_element(ratios.begin(), ratios.end());
  for (double& ratio : ratios) ratio /= most;
  return ratios;
}

/// The classes of rows, by a user's function.
struct Classes {
  std::vector<std::int64_t> of;     // -1 where the row failed
  std::vector<FailedRow> failures;  // ascending
  std::exception_ptr interrupt;     // then fewer than there are rows
};

/// What both forms share: the function, the pairs that come out, the dice.
class Resampling {
 public:
  Resampling(FunctionPtr function, std::size_t classes, const std::optional<Spec>& element)
      : function_(std::move(function)), classes_(classes) {
    if (!element) return;
    element_ = element->structure;
    pair_ = Structure::tuple({Structure::leaf(), element_});
  }
  const Function& function() const { return *function_; }

  std::optional<Spec> pair_spec(std::optional<Spec> element) const {
    if (!element) return std::nullopt;
    element->structure = pair_;
    element->components.insert(element->components.begin(), TensorSpec{int64, {}});
    return element;
  }

  Classes classify(const Function::Call& call, const RowView& rows) const {
    Classes classes;
    RowsBuilder builder(rows.count);
    try {
      function_->call_rows(call, rows, builder);
    } catch (const Interrupt&) {
      classes.interrupt = std::current_exception();
    }
    const Rows answers = builder.finish();
    for (std::int64_t row = 0; row < answers.count; ++row) {
      try {
        if (const FailurePtr& failure = answers.failure(row)) throw Failed{failure};
        classes.of.push_back(class_of(call.node, answers, row));
      } catch (...) {
        classes.failures.push_back({row, capture_failure(call.node, call.positions[row])});
        classes.of.push_back(-1);
      }
    }
    return classes;
  }

  static bool accepts(std::uint64_t key, std::int64_t position, double probability) {
    const std::uint64_t bits = mix(key + static_cast<std::uint64_t>(position) * 0x9e3779b97f4a7c15u);
    return static_cast<double>(bits >> 11) * 0x1p-53 < probability;
  }

  /// Appends (class, element) for each row in `kept`, and the failures between them.
  void append(const RowView& rows, const Classes& classes, std::span<const std::int64_t> kept, RowsBuilder& out) const {
    if (rows.rows->stacked && classes.failures.empty() && !kept.empty() && out.count() == 0) {
      append_block(rows, classes, kept, out);
      return;
    }
    for (const std::int64_t row : kept) {
      out.set_origin(row);
      const auto failed = std::find_if(classes.failures.begin(), classes.failures.end(),
                                       [=](const FailedRow& failure) { return failure.row == row; });
      if (failed != classes.failures.end()) {
        out.append_failure(failed->failure);
        continue;
      }
      Element element = rows.element(row);
      element.structure = pair(element.structure);
      element.components.insert(element.components.begin(), Tensor::scalar(classes.of[static_cast<std::size_t>(row)]));
      out.append(std::move(element));
    }
  }

 private:
  /// The same object for all elements where it can be, by which blocks are seen to fit each other.
  StructurePtr pair(const StructurePtr& structure) const {
    const bool known = element_ && (structure == element_ ||
                                    (structure->same_as(*element_) && element_->leaf_order_in(*structure).empty()));
    return known ? pair_ : Structure::tuple({Structure::leaf(), structure});
  }

  void append_block(const RowView& rows, const Classes& classes, std::span<const std::int64_t> kept,
                    RowsBuilder& out) const {
    std::vector<Tensor> columns{Tensor::copy_of<std::int64_t>(classes.of)};
    for (int leaf = 0; leaf < static_cast<int>(rows.rows->columns.size()); ++leaf) columns.push_back(rows.column(leaf));
    const Rows pairs = Rows::of_columns(pair(rows.rows->structure), std::move(columns), rows.count);
    out.append_rows(all(pairs), kept);
  }

  std::int64_t class_of(const Node& node, const Rows& answers, std::int64_t row) const {
    const std::int64_t number = integer_of(answers.element(row), node.label(), "class_func must return");
    require(number >= 0 && number < static_cast<std::int64_t>(classes_), node.label(),
            "class_func must return a class within [0, ", classes_, "), got ", number);
    return number;
  }

  FunctionPtr function_;
  std::size_t classes_;
  StructurePtr element_, pair_;  // where known
};

std::string identity_of(const Shares& target, const Shares& initial) {
  std::string text;
  for (const Shares* shares : {&target, &initial}) {
    for (const double share : *shares) text += std::to_string(std::bit_cast<std::uint64_t>(share)) + ",";
    text += ";";
  }
  return text;
}

/// With initial_dist: each row for itself.
class FixedNode final : public TransformNode {
 public:
  FixedNode(NodePtr upstream, Resampling resampling, const Shares& target, const Shares& initial,
            std::optional<std::int64_t> seed)
      : TransformNode(std::move(upstream)),
        resampling_(std::move(resampling)),
        acceptance_(acceptance(target, initial)),
        identity_(identity_of(target, initial)) {
    use_seed(seed);
  }
  bool one_to_one() const override { return false; }
  bool runs_inline() const override { return !resampling_.function().concurrent(); }
  std::optional<Spec> spec() const override { return resampling_.pair_spec(up().spec()); }
  std::string identity() const override { return identity_; }

  void apply(const Context& context, const RowView& rows, const Positions& positions, RowsBuilder& out) const override {
    const std::uint64_t key = random_key(context.run.seed(*this), RejectionResample::name, context.epoch);
    const Classes classes = resampling_.classify({*this, context.epoch, positions, &context.run}, rows);
    std::vector<std::int64_t> kept;
    for (std::size_t row = 0; row < classes.of.size(); ++row) {
      const auto i = static_cast<std::int64_t>(row);
      const std::int64_t c = classes.of[row];
      if (c < 0 || Resampling::accepts(key, positions[i], acceptance_[static_cast<std::size_t>(c)])) kept.push_back(i);
    }
    const auto asked = static_cast<std::int64_t>(classes.of.size());
    resampling_.append(rows.first(asked), classes, kept, out);
    if (!classes.interrupt) return;
    out.set_origin(asked);
    std::rethrow_exception(classes.interrupt);
  }

 private:
  Resampling resampling_;
  Shares acceptance_;
  std::string identity_;
};

/// Without: the shares are counted.
class CountingNode final : public StageNode {
 public:
  CountingNode(NodePtr upstream, Resampling resampling, Shares target, std::optional<std::int64_t> seed)
      : StageNode(std::move(upstream)), resampling_(std::move(resampling)), target_(std::move(target)) {
    use_seed(seed);
  }
  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override { return up().cardinality() == 0 ? 0 : kUnknown; }
  bool runs_inline() const override { return !resampling_.function().concurrent(); }
  std::optional<Spec> spec() const override { return resampling_.pair_spec(up().spec()); }
  std::string identity() const override { return identity_of(target_, {}); }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  const Resampling& resampling() const { return resampling_; }
  const Shares& target() const { return target_; }

 private:
  Resampling resampling_;
  Shares target_;
};

/// Mark: a sieve's, "count" for each class.
class CountingCursor final : public SieveCursor {
 public:
  CountingCursor(const CountingNode& node, const Context& context)
      : SieveCursor(node, context),
        node_(node),
        key_(random_key(context.run.seed(node), RejectionResample::name, context.epoch)),
        counts_(node.target().size(), kBegin) {}

 protected:
  Sifted sift(const RowView& input, const Positions& positions) override {
    classes_ = node_.resampling().classify({node_, epoch(), positions, &run()}, input);
    std::vector<std::int64_t> counts = counts_, kept;
    std::size_t most = most_wanted(counts);
    for (std::size_t row = 0; row < classes_.of.size(); ++row) {
      const auto i = static_cast<std::int64_t>(row);
      const std::int64_t c = classes_.of[row];
      if (c >= 0) {
        ++counts[static_cast<std::size_t>(c)];
        if (static_cast<std::size_t>(c) == most) most = most_wanted(counts);
      }
      if (c < 0 || Resampling::accepts(key_, positions[i], probability(static_cast<std::size_t>(c), most, counts)))
        kept.push_back(i);
    }
    Sifted sifted;
    sifted.inputs = static_cast<std::int64_t>(classes_.of.size());
    sifted.outputs = static_cast<std::int64_t>(kept.size());
    sifted.changed = true;
    sifted.stop = classes_.interrupt;
    RowsBuilder builder(sifted.outputs, true);
    node_.resampling().append(input.first(sifted.inputs), classes_, kept, builder);
    sifted.rows = builder.finish();
    return sifted;
  }

  void consumed(std::int64_t begin, std::int64_t end, Account&) override {
    for (std::int64_t row = begin; row < end; ++row) {
      if (const std::int64_t c = classes_.of[static_cast<std::size_t>(row)]; c >= 0)
        ++counts_[static_cast<std::size_t>(c)];
    }
  }
  void mark_more(Mark& out) const override {
    for (const std::int64_t count : counts_) out.put("count", count);
  }
  void restore_more(MarkReader& in) override {
    for (std::int64_t& count : counts_) count = in.get("count", kBegin, INT64_MAX);
  }

 private:
  static constexpr std::int64_t kBegin = 10;  // of each class, so that the first elements do not decide alone

  /// target / share, but for a factor that all classes have in common.
  double want(std::size_t c, const std::vector<std::int64_t>& counts) const {
    return node_.target()[c] / static_cast<double>(counts[c]);
  }
  /// The class whose elements are all kept. Counting only makes a class less wanted: it stays until it is counted.
  std::size_t most_wanted(const std::vector<std::int64_t>& counts) const {
    std::size_t most = 0;
    for (std::size_t c = 1; c < counts.size(); ++c) {
      if (want(c, counts) > want(most, counts)) most = c;
    }
    return most;
  }
  double probability(std::size_t c, std::size_t most, const std::vector<std::int64_t>& counts) const {
    return want(c, counts) / want(most, counts);
  }

  const CountingNode& node_;
  std::uint64_t key_;
  std::vector<std::int64_t> counts_;  // of the rows consumed
  Classes classes_;                   // of the block
};

std::unique_ptr<Cursor> CountingNode::open_stream(const Context& context) const {
  return std::make_unique<CountingCursor>(*this, context);
}

}  // namespace

Dataset RejectionResample::operator()(const Dataset& upstream) const {
  require<TypeError>(class_func != nullptr, name, "class_func must be a function, got None");
  const Shares target = shares_of("target_dist", target_dist);
  Resampling resampling(class_func, target.size(), upstream.node().spec());
  if (!initial_dist)
    return Dataset(std::make_shared<CountingNode>(upstream.node_ptr(), std::move(resampling), target, seed));
  const Shares initial = shares_of("initial_dist", *initial_dist);
  require(initial.size() == target.size(), name, "initial_dist must be as long as target_dist, ", target.size(),
          ", got ", initial.size());
  for (std::size_t i = 0; i < target.size(); ++i) {
    require(target[i] == 0 || initial[i] > 0, name, "initial_dist must be > 0 for every class of target_dist, got ",
            initial[i], " for class ", i, "; elements that never come cannot be kept");
  }
  return Dataset(std::make_shared<FixedNode>(upstream.node_ptr(), std::move(resampling), target, initial, seed));
}

}  // namespace headrace
