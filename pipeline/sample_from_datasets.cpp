#include <headrace/pipeline/sample_from_datasets.hpp>

#include <algorithm>
#include <cmath>

#include <headrace/pipeline/alike.hpp>
#include <headrace/pipeline/directed.hpp>
#include <headrace/pipeline/held_dataset.hpp>
#include <headrace/pipeline/numbers.hpp>
#include <headrace/pipeline/random.hpp>

namespace headrace {

namespace {

using Weights = std::vector<double>;

/// The weights that an element is. Throws where they are none.
Weights weights_of(std::string_view stage, const Element& element, std::size_t count) {
  const auto numbers = element.components.size() == 1 ? numbers_of(element.components[0]) : std::nullopt;
  require(numbers && numbers->size() == count, stage, "weights must be a vector of ", count,
          " numbers, one a dataset, got ", spec_of(element).to_string());
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = (*numbers)[i];
    require(std::isfinite(weight) && weight >= 0, stage, "weights must be finite and >= 0, got ", weight,
            " for dataset ", i);
    sum += weight;
  }
  require(sum > 0 && std::isfinite(sum), stage, "weights must have a finite sum > 0, got ", sum);
  return *numbers;
}

/// The datasets, and last those weights, if they are a dataset.
class SampleNode final : public Node {
 public:
  SampleNode(std::vector<NodePtr> upstream, std::size_t parts, Weights weights, const SampleFromDatasets& options)
      : Node(std::move(upstream)),
        parts_(parts),
        weights_(std::move(weights)),
        stop_on_empty_(options.stop_on_empty_dataset),
        rerandomize_(options.rerandomize_each_iteration.value_or(false)),
        spec_(common_spec(datasets())) {
    use_seed(options.seed);
  }

  std::span<const NodePtr> datasets() const { return std::span(upstream()).first(parts_); }
  /// nullptr: they are weights().
  const Node* weights_node() const { return upstream().size() > parts_ ? upstream().back().get() : nullptr; }
  const Weights& weights() const { return weights_; }
  std::uint64_t key(const Context& context) const {
    return random_key(context.run.seed(*this), SampleFromDatasets::name, rerandomize_ ? context.epoch : 0);
  }
  Access access() const override { return Access::stream; }
  std::optional<Spec> spec() const override { return spec_; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  /// All elements of all that have a weight come, unless one that is empty ends it; a dataset of weights may end it
  /// too.
  std::int64_t cardinality() const override {
    std::int64_t sum = 0;
    bool all_infinite = true, unknown = false;
    for (std::size_t i = 0; i < parts_; ++i) {
      if (weights_[i] == 0) continue;
      const std::int64_t n = upstream()[i]->cardinality();
      all_infinite = all_infinite && n == kInfinite;
      unknown = unknown || n == kUnknown;
      sum = sum == kInfinite || n == kInfinite || n > INT64_MAX - sum ? kInfinite : sum + std::max<std::int64_t>(n, 0);
    }
    if (const Node* const weights = weights_node())
      return weights->cardinality() == 0 || all_infinite ? weights->cardinality() : kUnknown;
    if (all_infinite || (sum == kInfinite && !stop_on_empty_)) return kInfinite;
    return unknown || stop_on_empty_ ? kUnknown : sum;
  }

  std::string identity() const override {
    std::string text;
    for (const double weight : weights_) text += std::to_string(std::bit_cast<std::uint64_t>(weight)) + ",";
    return text;
  }

 private:
  std::size_t parts_;
  Weights weights_;  // all 1 where a dataset gives them
  bool stop_on_empty_, rerandomize_;
  std::optional<Spec> spec_;
};

/// Mark: the weights', if a dataset gives them, "draw" (its ordinal).
class WeightedChooser final : public Chooser {
 public:
  WeightedChooser(const SampleNode& node, const Context& context)
      : node_(node), key_(node.key(context)), live_(node.weights().size(), true) {
    if (const Node* const weights = node.weights_node()) weights_ = open(*weights, {context.run, context.epoch});
    sum_up(node.weights());
  }

  std::span<const std::int64_t> peek(std::int64_t want) override {
    if (offset_ == parts_.size()) draw(want);
    const std::span<const std::int64_t> left = std::span<const std::int64_t>(parts_).subspan(offset_);
    return left.first(std::min(left.size(), static_cast<std::size_t>(want)));
  }
  FailurePtr failure(std::int64_t i) const override {
    const std::int64_t row = static_cast<std::int64_t>(offset_) + i;
    return std::find_if(failures_.begin(), failures_.end(), [&](const auto& f) { return f.row == row; })->failure;
  }
  void take(std::int64_t n) override {
    if (weights_) weights_->take(n);
    offset_ += static_cast<std::size_t>(n);
    ordinal_ += n;
  }
  /// What is drawn for output k also depends on how many datasets were empty by then: the state has them.
  bool chooses_again(std::int64_t part) override {
    live_[static_cast<std::size_t>(part)] = false;
    ++gone_;
    if (!weights_) sum_up(node_.weights());
    parts_.clear();
    failures_.clear();
    offset_ = 0;
    return true;
  }
  void mark(Mark& out) const override {
    if (weights_) weights_->mark(out);
    out.put("draw", ordinal_);
  }
  void restore(MarkReader& in) override {
    if (weights_) weights_->restore(in);
    ordinal_ = in.get_count("draw");
  }

 private:
  void sum_up(const Weights& weights) {
    sums_.resize(weights.size());
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sums_[i] = sum += live_[i] ? weights[i] : 0;
  }

  /// The dataset of output k; some weight is left.
  std::int64_t pick(std::int64_t k) const {
    std::uint64_t bits = mix(key_ + static_cast<std::uint64_t>(k) * 0x9e3779b97f4a7c15u);
    if (gone_ > 0) bits = mix(bits, gone_);
    const double place = static_cast<double>(bits >> 11) * 0x1p-53 * sums_.back();
    auto found = std::upper_bound(sums_.begin(), sums_.end(), place);
    if (found == sums_.end()) found = std::lower_bound(sums_.begin(), sums_.end(), sums_.back());  // rounded up
    return found - sums_.begin();
  }

  void draw(std::int64_t want) {
    parts_.clear();
    failures_.clear();
    offset_ = 0;
    if (weights_) {
      draw_by_rows(weights_->peek(want));
    } else if (sums_.back() > 0) {
      for (std::int64_t i = 0; i < want; ++i) parts_.push_back(pick(ordinal_ + i));
    }
  }

  /// Each draw with weights of its own; ends where they leave none.
  void draw_by_rows(const RowView& rows) {
    for (std::int64_t row = 0; row < rows.count; ++row) {
      try {
        if (const FailurePtr& failure = rows.failure(row)) throw Failed{failure};
        sum_up(weights_of(node_.label(), rows.element(row), live_.size()));
        if (sums_.back() <= 0) return;
        parts_.push_back(pick(ordinal_ + row));
      } catch (...) {
        failures_.push_back({row, capture_failure(node_, ordinal_ + row)});
        parts_.push_back(kFailed);
      }
    }
  }

  const SampleNode& node_;
  std::uint64_t key_;
  std::unique_ptr<Cursor> weights_;
  std::vector<bool> live_;
  std::uint64_t gone_ = 0;           // datasets that were found empty
  Weights sums_;                     // of the weights up to each dataset
  std::vector<std::int64_t> parts_;  // of the next draws
  std::vector<FailedRow> failures_;
  std::size_t offset_ = 0;  // of them taken
  std::int64_t ordinal_ = 0;
};

std::unique_ptr<Cursor> SampleNode::open_stream(const Context& context) const {
  return std::make_unique<DirectedCursor>(*this, context, parts_, std::make_unique<WeightedChooser>(*this, context),
                                          stop_on_empty_);
}

}  // namespace

Dataset SampleFromDatasets::operator()() const {
  require(!datasets.empty(), name, "datasets must hold at least one dataset, got none");
  std::vector<NodePtr> upstream;
  for (const Dataset& dataset : made_alike(name, datasets)) upstream.push_back(dataset.node_ptr());
  Weights numbers(datasets.size(), 1);
  const auto drawn = weights ? dataset_in(*weights) : std::nullopt;
  if (drawn)
    upstream.push_back(drawn->node_ptr());
  else if (weights)
    numbers = weights_of(name, *weights, datasets.size());
  return Dataset(std::make_shared<SampleNode>(std::move(upstream), datasets.size(), std::move(numbers), *this));
}

}  // namespace headrace
