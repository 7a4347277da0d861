#include <headrace/pipeline/choose_from_datasets.hpp>

#include <algorithm>

#include <headrace/pipeline/alike.hpp>
#include <headrace/pipeline/directed.hpp>
#include <headrace/pipeline/numbers.hpp>

namespace headrace {

namespace {

/// The datasets, and last the choices.
class ChooseNode final : public Node {
 public:
  ChooseNode(std::vector<NodePtr> upstream, bool stop_on_empty)
      : Node(std::move(upstream)), stop_on_empty_(stop_on_empty), spec_(common_spec(datasets())) {}

  std::span<const NodePtr> datasets() const { return std::span(upstream()).first(upstream().size() - 1); }
  const Node& choices() const { return *upstream().back(); }
  bool stop_on_empty() const { return stop_on_empty_; }
  Access access() const override { return Access::stream; }
  std::optional<Spec> spec() const override { return spec_; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  std::int64_t cardinality() const override {
    const auto infinite = [](const NodePtr& node) { return node->cardinality() == kInfinite; };
    const std::int64_t n = choices().cardinality();
    const auto parts = datasets();
    if (n == 0 || std::all_of(parts.begin(), parts.end(), infinite)) return n;
    const bool some = std::any_of(parts.begin(), parts.end(), infinite);
    return n == kInfinite && some && !stop_on_empty_ ? kInfinite : kUnknown;
  }

 private:
  bool stop_on_empty_;
  std::optional<Spec> spec_;
};

/// Mark: the choices', "choice" (its ordinal).
class DatasetChooser final : public Chooser {
 public:
  DatasetChooser(const ChooseNode& node, const Context& context)
      : node_(node), choices_(open(node.choices(), {context.run, context.epoch})) {}

  std::span<const std::int64_t> peek(std::int64_t want) override {
    if (offset_ == parts_.size()) read(want);
    const std::span<const std::int64_t> left = std::span<const std::int64_t>(parts_).subspan(offset_);
    return left.first(std::min(left.size(), static_cast<std::size_t>(want)));
  }
  FailurePtr failure(std::int64_t i) const override {
    const std::int64_t row = static_cast<std::int64_t>(offset_) + i;
    const auto found = std::find_if(failures_.begin(), failures_.end(), [&](const auto& f) { return f.row == row; });
    return found->failure;
  }
  void take(std::int64_t n) override {
    choices_->take(n);
    offset_ += static_cast<std::size_t>(n);
    ordinal_ += n;
  }
  bool chooses_again(std::int64_t) override { return false; }
  void mark(Mark& out) const override {
    choices_->mark(out);
    out.put("choice", ordinal_);
  }
  void restore(MarkReader& in) override {
    choices_->restore(in);
    ordinal_ = in.get_count("choice");
  }

 private:
  void read(std::int64_t want) {
    parts_.clear();
    failures_.clear();
    offset_ = 0;
    const RowView rows = choices_->peek(want);
    const auto most = static_cast<std::int64_t>(node_.datasets().size());
    if (read_numbers(rows, most)) return;
    for (std::int64_t row = 0; row < rows.count; ++row) {
      try {
        if (const FailurePtr& failure = rows.failure(row)) throw Failed{failure};
        const std::int64_t number = integer_of(rows.element(row), node_.label(), "a choice must be");
        require<IndexError>(number >= 0 && number < most, node_.label(), "a choice must be within [0, ", most,
                            "), got ", number);
        parts_.push_back(number);
      } catch (...) {
        failures_.push_back({row, capture_failure(node_, ordinal_ + row)});
        parts_.push_back(kFailed);
      }
    }
  }

  /// The usual case: a block of int64, all in range.
  bool read_numbers(const RowView& rows, std::int64_t most) {
    if (rows.empty() || !rows.rows->stacked || rows.rows->columns.size() != 1 || rows.has_failures()) return false;
    const Tensor column = rows.column(0);
    if (!(column.dtype() == int64) || column.ndim() != 1 || !column.is_contiguous()) return false;
    const auto numbers = column.values<std::int64_t>();
    if (std::any_of(numbers.begin(), numbers.end(), [=](std::int64_t n) { return n < 0 || n >= most; })) return false;
    parts_.assign(numbers.begin(), numbers.end());
    return true;
  }

  const ChooseNode& node_;
  std::unique_ptr<Cursor> choices_;
  std::vector<std::int64_t> parts_;  // of what the choices show
  std::vector<FailedRow> failures_;
  std::size_t offset_ = 0;  // of them taken
  std::int64_t ordinal_ = 0;
};

std::unique_ptr<Cursor> ChooseNode::open_stream(const Context& context) const {
  return std::make_unique<DirectedCursor>(*this, context, datasets().size(),
                                          std::make_unique<DatasetChooser>(*this, context), stop_on_empty_);
}

bool is_integer(const TensorSpec& spec) {
  return spec.shape.empty() && spec.dtype.kind() <= Kind::uint64;  // from boolean on
}

}  // namespace

Dataset ChooseFromDatasets::operator()() const {
  require(!datasets.empty(), name, "datasets must hold at least one dataset, got none");
  if (const auto spec = choice_dataset.node().spec()) {
    require<TypeError>(spec->components.size() == 1 && is_integer(spec->components[0]), name,
                       "choice_dataset must have scalar integers as elements, got ", spec->to_string());
  }
  std::vector<NodePtr> upstream;
  for (const Dataset& dataset : made_alike(name, datasets)) upstream.push_back(dataset.node_ptr());
  upstream.push_back(choice_dataset.node_ptr());
  return Dataset(std::make_shared<ChooseNode>(std::move(upstream), stop_on_empty_dataset));
}

}  // namespace headrace
