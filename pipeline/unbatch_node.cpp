#include <headrace/pipeline/unbatch_node.hpp>

#include <algorithm>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/slices.hpp>

namespace headrace {

namespace {

/// The same error in the place of a further row: what it means for the stages is counted with the first.
FailurePtr without_adjustments(const Failure& failure, const Node& node) {
  return std::make_shared<const Failure>(Failure{failure.error, failure.notes, {{&node, 0, 0}}});
}

bool consecutive(const std::vector<std::int64_t>& list) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i] != list[i - 1] + 1) return false;
  }
  return true;
}

std::int64_t count_rows(const std::string& stage, const Element& batch) {
  require(!batch.components.empty(), stage, "an element must hold arrays to split, got ", batch.structure->to_string());
  for (const auto& component : batch.components) {
    require(component.ndim() > 0, stage, "every component must have a first axis, got a scalar");
    require(component.shape()[0] == batch.components[0].shape()[0], stage,
            "all components of an element must have the same first size, got ", batch.components[0].shape()[0], " and ",
            component.shape()[0]);
  }
  return batch.components[0].shape()[0];
}

/// Rows of `batch`, all or those that `choose(number of rows)` tells.
template <class F>
Rows split(const std::string& stage, Element batch, const F& choose) {
  if (compound_in(*batch.structure)) {
    const SlicedElement sliced(stage, batch);
    return sliced.gather(choose(sliced.count()));
  }
  const Positions rows = choose(count_rows(stage, batch));
  for (auto& component : batch.components) component = headrace::gather(component, rows);
  return Rows::of_columns(std::move(batch.structure), std::move(batch.components), rows.count);
}

/// Appends a spec's component without its first axis.
void append_row_spec(const Spec& batch, const Component& component, std::vector<TensorSpec>& row) {
  const auto* const leaf = &batch.components[static_cast<std::size_t>(component.first_leaf)];
  if (component.kind == Compound::sparse) {
    const std::int64_t axes = leaf[2].shape[0];
    for (const TensorSpec& part : sparse_leaves(leaf[1].dtype, axes < 0 ? -1 : axes - 1)) row.push_back(part);
    return;
  }
  const Shape tail = leaf->shape.tail();
  row.push_back({leaf->dtype, component.kind == Compound::ragged ? tail.with_front(-1) : tail});
}

}  // namespace

UnbatchNode::UnbatchNode(NodePtr upstream)
    : TransformNode(std::move(upstream)), batches_(up().access() == Access::random ? up().batches() : Batches{}) {}

std::optional<Spec> UnbatchNode::spec() const {
  const auto batch = up().spec();
  if (!batch) return std::nullopt;
  for (const auto& component : batch->components) {
    if (component.shape.empty()) return std::nullopt;
  }
  Spec row{row_structure(batch->structure), {}};
  for (const Component& component : components_of(*batch->structure))
    append_row_spec(*batch, component, row.components);
  return row;
}

Rows UnbatchNode::rows_of(Element element, std::int64_t batch) const {
  try {
    return split(label(), std::move(element), [](std::int64_t n) { return Positions::range(0, n); });
  } catch (...) {
    return failed_rows(capture_failure(*this, batch), batch);
  }
}

Rows UnbatchNode::failed_rows(const FailurePtr& failure, std::int64_t batch) const {
  std::vector<Outcome> list(1);
  list[0].failure = failure;
  if (computed()) {
    const std::int64_t rows = std::min(batches_.rows_per_element, batches_.total - batch * batches_.rows_per_element);
    for (std::int64_t row = 1; row < rows; ++row) list.push_back({{}, without_adjustments(*failure, *this)});
  }
  return Rows::of_list(std::move(list));
}

void UnbatchNode::apply(const Context&, const RowView& rows, const Positions& positions, RowsBuilder& out) const {
  for (std::int64_t row = 0; row < rows.count; ++row) {
    out.set_origin(row);
    const FailurePtr& failure = rows.failure(row);
    Rows parts = failure ? failed_rows(failure, positions[row]) : rows_of(rows.element(row), positions[row]);
    if (parts.count > 0 && parts.stacked) out.append_block(parts.structure, std::move(parts.columns), parts.count);
    for (auto& outcome : parts.list) {
      if (outcome.failure)
        out.append_failure(std::move(outcome.failure));
      else
        out.append(std::move(outcome.element));
    }
  }
}

/// An input counts with its first row, so that it counts once in whatever pieces its rows are read.
void UnbatchNode::tally(const Context& context, const Positions& outputs, Tally& tally) const {
  Account account;
  account.outputs = outputs.count;
  const auto known = spec();
  account.bytes = outputs.count * (known ? std::max<std::int64_t>(known->nbytes(), 0) : 0);
  std::vector<std::int64_t> inputs;
  for (std::int64_t i = 0; i < outputs.count; ++i) {
    if (outputs[i] % batches_.rows_per_element == 0) inputs.push_back(outputs[i] / batches_.rows_per_element);
  }
  account.in = account.used = static_cast<std::int64_t>(inputs.size());
  up().tally(context, Positions::of(inputs.data(), account.in), tally);
  tally.add(*this, account);
}

/// Each row is copied once, into its place; rows of one element are a view of it.
Rows UnbatchNode::do_gather(const Context& context, const Positions& positions) const {
  const std::int64_t size = batches_.rows_per_element;
  std::vector<Rows> parts;
  std::vector<Positions> places;
  for (std::int64_t i = 0; i < positions.count;) {
    const std::int64_t first = i, batch = positions[i] / size;
    std::vector<std::int64_t> wanted;
    for (; i < positions.count && positions[i] / size == batch; ++i) wanted.push_back(positions[i] % size);
    parts.push_back(some_rows_of(context, batch, wanted));
    places.push_back(Positions::range(first, i - first));
  }
  if (parts.size() == 1) return std::move(parts.front());
  return parts.empty() ? Rows::of_list({}) : scatter_rows(parts, places, positions.count);
}

Element UnbatchNode::do_at(const Context& context, std::int64_t position) const {
  return do_gather(context, Positions::range(position, 1)).element(0);
}

Rows UnbatchNode::some_rows_of(const Context& context, std::int64_t batch,
                               const std::vector<std::int64_t>& wanted) const {
  const auto count = static_cast<std::int64_t>(wanted.size());
  try {
    return split(label(), up().at(context, batch), [&](std::int64_t n) {
      const std::int64_t last = *std::max_element(wanted.begin(), wanted.end());
      require(last < n, label(), "element ", batch, " must have ", last + 1, " rows by the plan, got ", n);
      return consecutive(wanted) ? Positions::range(wanted.front(), count) : Positions::of(wanted.data(), count);
    });
  } catch (...) {
    const FailurePtr failure = capture_failure(*this, batch);
    std::vector<Outcome> list;
    for (const std::int64_t row : wanted)
      list.push_back({{}, row == 0 ? failure : without_adjustments(*failure, *this)});
    return Rows::of_list(std::move(list));
  }
}

void require_rows(std::string_view stage, const Spec& spec) {
  require(!spec.components.empty(), stage, "an element must hold arrays to split, got ", spec.to_string());
  std::int64_t rows = -1;
  for (const Component& component : components_of(*spec.structure)) {
    const auto* const leaf = &spec.components[static_cast<std::size_t>(component.first_leaf)];
    require(component.kind != Compound::sparse || leaf[2].shape[0] != 0, stage,
            "a SparseTensor must have a first axis to slice, got ", spec.to_string(), "; batch first");
    require(!spec.components[static_cast<std::size_t>(component.first_leaf)].shape.empty(), stage,
            "every component must have a first axis, got ", spec.to_string(), "; batch first");
    const std::int64_t known = rows_known(spec, component);
    require(known == rows || known < 0 || rows < 0, stage, "all components must have the same first size, got ",
            spec.to_string());
    rows = std::max(rows, known);
  }
}

}  // namespace headrace
