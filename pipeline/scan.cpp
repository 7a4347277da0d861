#include <headrace/pipeline/scan.hpp>

#include <headrace/pipeline/element_text.hpp>
#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

Element joined(StructurePtr pair, const Element& first, const Element& second) {
  Element both(std::move(pair), first.components);
  both.components.insert(both.components.end(), second.components.begin(), second.components.end());
  return both;
}

/// The two children of a pair.
std::pair<Element, Element> parted(Element pair) {
  const auto& children = pair.structure->children();
  const auto middle = std::make_move_iterator(pair.components.begin() + children[0]->leaf_count());
  const auto begin = std::make_move_iterator(pair.components.begin());
  const auto end = std::make_move_iterator(pair.components.end());
  return {Element(children[0], {begin, middle}), Element(children[1], {middle, end})};
}

/// In the order of the leaves of `structure`, and in memory that nobody else sees.
Element owned(Element state, const StructurePtr& structure) {
  const std::vector<int> order = structure->leaf_order_in(*state.structure);
  Element result(structure, {});
  for (std::size_t leaf = 0; leaf < state.components.size(); ++leaf) {
    Tensor& component = state.components[order.empty() ? leaf : static_cast<std::size_t>(order[leaf])];
    const bool sole = component.writable() && component.buffer().use_count() == 1;
    result.components.push_back(sole ? std::move(component) : component.copy());
  }
  return result;
}

class ScanNode final : public StageNode {
 public:
  ScanNode(NodePtr upstream, Element initial, FunctionPtr function)
      : StageNode(std::move(upstream)),
        initial_(std::move(initial)),
        like_(spec_of(initial_)),
        function_(std::move(function)) {}

  Access access() const override { return Access::stream; }
  std::optional<Spec> spec() const override { return std::nullopt; }
  bool runs_inline() const override { return !function_->concurrent(); }
  std::string identity() const override { return to_text(initial_); }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  const Element& initial() const { return initial_; }
  const Spec& like() const { return like_; }

  /// (new state, output).
  std::pair<Element, Element> step(StructurePtr pair, const Element& state, const Element& element) const {
    Element result = (*function_)(joined(std::move(pair), state, element));
    const Structure& structure = *result.structure;
    require<TypeError>(structure.kind() == Structure::Kind::tuple && structure.children().size() == 2, label(),
                       "scan_func must return a tuple (new_state, output), got ", spec_of(result).to_string());
    auto [next, output] = parted(std::move(result));
    require<TypeError>(same_kind(next, like_), label(), "the new state must be ", like_.to_string(),
                       " as initial_state is, sizes aside, got ", spec_of(next).to_string(),
                       "; convert it, or begin with that");
    return {owned(std::move(next), like_.structure), std::move(output)};
  }

 private:
  Element initial_;
  Spec like_;
  FunctionPtr function_;
};

/// Mark: upstream's, "ordinal", "state".
class ScanCursor final : public Cursor {
 public:
  ScanCursor(std::unique_ptr<Cursor> upstream, const ScanNode& node, Run& run)
      : upstream_(std::move(upstream)), node_(node), run_(run), passed_(node, run), state_(share(node.initial())) {}

  RowView peek(std::int64_t want) override {
    if (offset_ == block_.count) {
      if (const std::exception_ptr interrupt = std::exchange(interrupt_, nullptr)) std::rethrow_exception(interrupt);
      compute(upstream_->peek(want));
    }
    return {&block_, offset_, std::min(want, block_.count - offset_)};
  }

  void take(std::int64_t n) override {
    passed_.count({&block_, offset_, n});
    upstream_->take(n);
    offset_ += n;
    ordinal_ += n;
    state_ = states_[static_cast<std::size_t>(offset_ - 1)];
  }

  void mark(Mark& out) const override {
    upstream_->mark(out);
    out.put("ordinal", ordinal_);
    out.put_data("state", state_);
  }

 protected:
  void do_restore(MarkReader& in) override {
    upstream_->restore(in);
    ordinal_ = in.get_count("ordinal");
    state_ = share(element_from_text(in.get_data("state"), node_.like(), node_.label()));
  }

 private:
  using StatePtr = std::shared_ptr<const ElementData>;
  static StatePtr share(Element value) { return std::make_shared<const ElementData>(std::move(value)); }

  void compute(const RowView& input) {
    RowsBuilder out(input.count);
    block_.clear();
    states_.clear();
    offset_ = 0;
    StatePtr state = state_;
    for (std::int64_t row = 0; row < input.count; ++row) {
      try {
        if (row > 0 && run_.cancelled()) break;
        append(input, row, state, out);
      } catch (const Interrupt&) {
        if (row == 0) throw;
        interrupt_ = std::current_exception();
        break;
      }
      states_.push_back(state);
    }
    block_ = out.finish();
  }

  void append(const RowView& input, std::int64_t row, StatePtr& state, RowsBuilder& out) {
    if (const FailurePtr& failure = input.failure(row)) {
      out.append_failure(failure);
      return;
    }
    try {
      const Element element = input.element(row);
      if (element.structure != element_structure_) {
        pair_ = Structure::tuple({node_.like().structure, element.structure});
        element_structure_ = element.structure;
      }
      auto [next, output] = node_.step(pair_, state->element(), element);
      const auto kept = share(std::move(next));
      out.append(std::move(output));
      state = kept;
    } catch (...) {
      out.append_failure(capture_failure(node_, ordinal_ + row));
    }
  }

  std::unique_ptr<Cursor> upstream_;
  const ScanNode& node_;
  Run& run_;
  PassedRows passed_;
  StatePtr state_;                // before the next row
  std::vector<StatePtr> states_;  // after each row of the block
  Rows block_;
  std::int64_t offset_ = 0, ordinal_ = 0;
  std::exception_ptr interrupt_;  // what cut the block short
  StructurePtr pair_, element_structure_;
};

std::unique_ptr<Cursor> ScanNode::open_stream(const Context& context) const {
  return std::make_unique<ScanCursor>(open(up(), context), *this, context.run);
}

}  // namespace

Dataset Scan::operator()(const Dataset& upstream) const {
  require<TypeError>(scan_func != nullptr, name, "scan_func must be a function, got None");
  require<TypeError>(!initial_state.structure->holds_values(), name, "initial_state must hold arrays only, got ",
                     initial_state.structure->to_string());
  Element initial = initial_state;
  for (Tensor& component : initial.components) component = component.copy();
  return Dataset(std::make_shared<ScanNode>(upstream.node_ptr(), std::move(initial), scan_func));
}

Scan scan(Element initial_state, ScanFunction function, std::string name) {
  const auto both = [function = std::move(function)](const Element& pair) {
    auto [state, element] = parted(pair);
    auto [next, output] = function(state, element);
    return joined(Structure::tuple({next.structure, output.structure}), next, output);
  };
  return {std::move(initial_state), make_function(both, std::move(name))};
}

}  // namespace headrace
