#include <headrace/pipeline/slices.hpp>

#include <algorithm>

#include <headrace/tensor/error.hpp>

namespace headrace {

RowSlices RowSlices::part(std::int64_t begin, std::int64_t n) const {
  RowSlices result{n, structure, {}};
  for (const Column& column : columns) {
    if (!column.ragged) {
      result.columns.push_back({column.values.rows(begin, n), {}, false});
      continue;
    }
    const auto first = column.slices.begin() + begin;
    result.columns.push_back({column.values, std::vector<Slice>(first, first + n), true});
  }
  return result;
}

std::vector<std::int64_t> RowSlices::lengths() const {
  const Column& column = columns.front();
  if (!column.ragged) return std::vector<std::int64_t>(static_cast<std::size_t>(count), column.values.shape()[1]);
  std::vector<std::int64_t> lengths;
  lengths.reserve(column.slices.size());
  for (const Slice& slice : column.slices) lengths.push_back(slice.count);
  return lengths;
}

Slice SlicedElement::Column::slice(std::int64_t i) const {
  const auto* const splits = reinterpret_cast<const std::int64_t*>(row_splits.data());
  return {splits[i], splits[i + 1] - splits[i]};
}

std::int64_t SlicedElement::Column::count() const {
  if (sparse) return sparse->count();
  return ragged() ? row_splits.shape()[0] - 1 : values.shape()[0];
}

void SlicedElement::Column::append_row(std::int64_t i, std::vector<Tensor>& parts) const {
  if (sparse) return sparse->append_row(i, parts);
  if (!ragged()) {
    parts.push_back(values.row(i));
    return;
  }
  const Slice place = slice(i);
  parts.push_back(values.rows(place.begin, place.count));
}

StructurePtr row_structure(const StructurePtr& whole) {
  if (!compound_in(*whole)) return whole;
  const Compound kind = compound_of(*whole);
  if (kind != Compound::none) return kind == Compound::ragged ? Structure::leaf() : whole;
  std::vector<StructurePtr> children;
  for (const StructurePtr& child : whole->children()) children.push_back(row_structure(child));
  return whole->with_children(std::move(children));
}

SlicedElement::SlicedElement(std::string_view stage, const Element& element) {
  require<TypeError>(!element.structure->holds_values(), stage, "tensors must be arrays, got ",
                     element.structure->to_string(), "; use zip for datasets side by side");
  spec_.structure = row_structure(element.structure);
  for (const Component& component : components_of(*element.structure)) {
    const Tensor* const part = &element.components[static_cast<std::size_t>(component.first_leaf)];
    if (component.kind == Compound::sparse) {
      columns_.push_back({part[1], {}, SparseRows(stage, SparseTensor(part[0], part[1], part[2]))});
    } else if (component.kind == Compound::ragged) {
      // Copied, and checked afterwards: whoever changes his own row_splits later must not lead us out of the values.
      const RaggedTensor ragged(part[0], part[1].copy());
      columns_.push_back({ragged.values(), ragged.row_splits(), {}});
    } else {
      columns_.push_back({part[0], {}, {}});
    }
  }
  check(stage, element.structure);
  for (const Column& column : columns_) {
    if (column.sparse) {
      const std::int64_t axes = column.sparse->axes();
      for (const TensorSpec& part : sparse_leaves(column.values.dtype(), axes)) spec_.components.push_back(part);
      continue;
    }
    const Shape tail = column.values.shape().tail();
    spec_.components.push_back({column.values.dtype(), column.ragged() ? tail.with_front(-1) : tail});
  }
  count_ = columns_.front().count();
}

void SlicedElement::check(std::string_view stage, const StructurePtr& whole) const {
  require(!columns_.empty(), stage, "tensors must hold at least one array, got ", whole->to_string());
  const StructurePtr paths = collapsed(whole);
  const auto described = [&](std::size_t i) {
    const std::string path = paths->leaf_path(static_cast<int>(i));
    const char* const kind = columns_[i].sparse ? " sparse rows" : " ragged rows";
    const std::string shape = columns_[i].sparse || columns_[i].ragged()
                                  ? " of " + std::to_string(columns_[i].count()) + kind
                                  : " of shape " + to_string(columns_[i].values.shape());
    return (path.empty() ? std::string("the array") : "component " + path) + shape;
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    require(columns_[i].values.ndim() > 0, stage, "every array must have a first axis to slice, got ", described(i),
            "; use from_tensors for whole values");
  }
  for (std::size_t i = 1; i < columns_.size(); ++i) {
    require(columns_[i].count() == columns_[0].count(), stage, "all arrays must have the same first size, got ",
            described(0), " and ", described(i));
  }
}

bool SlicedElement::ragged() const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [](const Column& column) { return column.ragged() || column.sparse; });
}

bool SlicedElement::sparse() const {
  return std::any_of(columns_.begin(), columns_.end(), [](const Column& column) { return column.sparse.has_value(); });
}

Element SlicedElement::row(std::int64_t i) const {
  Element element(spec_.structure, {});
  element.components.reserve(spec_.components.size());
  for (const Column& column : columns_) column.append_row(i, element.components);
  return element;
}

Rows SlicedElement::gather(const Positions& positions) const {
  if (ragged()) {
    std::vector<Outcome> list(static_cast<std::size_t>(positions.count));
    for (std::int64_t i = 0; i < positions.count; ++i) list[static_cast<std::size_t>(i)].element = row(positions[i]);
    return Rows::of_list(std::move(list));
  }
  Rows rows = Rows::of_columns(spec_.structure, {}, positions.count);
  rows.columns.reserve(columns_.size());
  for (const Column& column : columns_) rows.columns.push_back(headrace::gather(column.values, positions));
  return rows;
}

RowSlices SlicedElement::slices(const Positions& positions) const {
  RowSlices result{positions.count, spec_.structure, {}};
  result.columns.reserve(columns_.size());
  for (const Column& column : columns_) {
    if (!column.ragged()) {
      result.columns.push_back({headrace::gather(column.values, positions), {}, false});
      continue;
    }
    result.columns.push_back({column.values, std::vector<Slice>(static_cast<std::size_t>(positions.count)), true});
    auto& slices = result.columns.back().slices;
    for (std::int64_t i = 0; i < positions.count; ++i) slices[static_cast<std::size_t>(i)] = column.slice(positions[i]);
  }
  return result;
}

}  // namespace headrace
