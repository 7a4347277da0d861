#include <headrace/pipeline/rows.hpp>

#include <cstring>

#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/compound.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/sparse_rows.hpp>

namespace headrace {

namespace {

const FailurePtr kNoFailure;

}  // namespace

Rows Rows::of_columns(StructurePtr structure, std::vector<Tensor> columns, std::int64_t count) {
  Rows rows;
  rows.count = count;
  rows.structure = std::move(structure);
  rows.stacked = true;
  rows.columns = std::move(columns);
  return rows;
}

Rows Rows::of_list(std::vector<Outcome> list) {
  Rows rows;
  rows.count = static_cast<std::int64_t>(list.size());
  for (const auto& outcome : list) {
    if (!outcome.failure) {
      rows.structure = outcome.element.structure;
      break;
    }
  }
  rows.list = std::move(list);
  return rows;
}

const FailurePtr& Rows::failure(std::int64_t row) const {
  if (!stacked) return list[static_cast<std::size_t>(row)].failure;
  for (const auto& failed : failures) {
    if (failed.row == row) return failed.failure;
    if (failed.row > row) break;
  }
  return kNoFailure;
}

bool Rows::has_failures() const {
  if (stacked) return !failures.empty();
  return std::any_of(list.begin(), list.end(), [](const Outcome& outcome) { return outcome.failure != nullptr; });
}

Element Rows::element(std::int64_t row) const {
  if (const FailurePtr& failed = failure(row)) throw Failed{failed};
  if (!stacked) return list[static_cast<std::size_t>(row)].element;
  Element element(structure, {});
  element.components.reserve(columns.size());
  for (const auto& column : columns) element.components.push_back(column.row(row));
  return element;
}

std::int64_t Rows::nbytes() const {
  std::int64_t bytes = 0;
  for (const auto& column : columns) bytes += column.nbytes();
  for (const auto& outcome : list) bytes += outcome.failure ? 0 : outcome.element.nbytes();
  return bytes;
}

Element to_keep(Element element) {
  if (element.nbytes() >= kSmallElement) return element;
  for (auto& component : element.components) {
    if (!component.buffer().is_foreign()) component = component.copy();
  }
  return element;
}

void Rows::clear() {
  count = 0;
  stacked = false;
  columns.clear();
  failures.clear();
  list.clear();
  origins.clear();
}

Tensor RowView::column(int leaf) const {
  const Tensor& whole = rows->columns[static_cast<std::size_t>(leaf)];
  return begin == 0 && count == rows->count ? whole : whole.rows(begin, count);
}

bool RowView::has_failures() const {
  if (rows->stacked && rows->failures.empty()) return false;
  for (std::int64_t i = 0; i < count; ++i) {
    if (failure(i)) return true;
  }
  return false;
}

std::int64_t RowView::nbytes() const {
  std::int64_t bytes = 0;
  if (!rows->stacked) {
    for (std::int64_t i = 0; i < count; ++i) {
      if (!failure(i)) bytes += rows->list[static_cast<std::size_t>(begin + i)].element.nbytes();
    }
    return bytes;
  }
  std::int64_t good = count;
  for (const auto& failed : rows->failures) good -= failed.row >= begin && failed.row < begin + count;
  for (const auto& column : rows->columns) bytes += column.nbytes() / std::max<std::int64_t>(rows->count, 1) * good;
  return bytes;
}

Rows RowView::share() const {
  Rows part;
  part.count = count;
  part.structure = rows->structure;
  part.stacked = rows->stacked;
  if (rows->stacked) {
    part.columns.reserve(rows->columns.size());
    for (int leaf = 0; leaf < static_cast<int>(rows->columns.size()); ++leaf) part.columns.push_back(column(leaf));
    for (const auto& failed : rows->failures) {
      if (failed.row >= begin && failed.row < begin + count)
        part.failures.push_back({failed.row - begin, failed.failure});
    }
  } else {
    part.list.assign(rows->list.begin() + begin, rows->list.begin() + begin + count);
  }
  if (!rows->origins.empty()) part.origins.assign(rows->origins.begin() + begin, rows->origins.begin() + begin + count);
  return part;
}

namespace {

bool widenable(DType a, DType b) {
  return a.kind() == b.kind() && (a.kind() == Kind::fixed_bytes || a.kind() == Kind::fixed_text);
}

bool agree(const Tensor& a, const Tensor& b, Alike alike) {
  const bool dtypes = a.dtype() == b.dtype() || widenable(a.dtype(), b.dtype());
  return dtypes && (alike == Alike::rank ? a.ndim() == b.ndim() : a.shape() == b.shape());
}

/// In what two components differ, for the error of unequal ones.
std::string difference(const Tensor& tensor, const Tensor& model) {
  if (tensor.dtype() == model.dtype())
    return "has shape " + to_string(tensor.shape()) + ", the batch began with " + to_string(model.shape());
  return "has dtype " + tensor.dtype().name() + ", the batch began with " + model.dtype().name();
}

bool same_columns(const Rows& a, const Rows& b) {
  if (!a.stacked || !b.stacked || a.structure != b.structure || a.columns.size() != b.columns.size()) return false;
  for (std::size_t leaf = 0; leaf < a.columns.size(); ++leaf) {
    if (!(a.columns[leaf].dtype() == b.columns[leaf].dtype()) ||
        !(a.columns[leaf].shape().tail() == b.columns[leaf].shape().tail()))
      return false;
  }
  return true;
}

/// The error of a batch in which rows failed: the first one's, and what became of the others.
[[noreturn]] void throw_batch_failed(const Node& node, std::span<const Rows> parts) {
  FailurePtr first;
  Adjustment adjustment{&node};
  for (const Rows& part : parts) {
    for (std::int64_t row = 0; row < part.count; ++row) {
      const FailurePtr& failure = part.failure(row);
      ++(failure ? adjustment.failed : adjustment.dropped);
      if (failure && !first) first = failure;
    }
  }
  throw Failed{with_adjustment(*first, adjustment)};
}

void require_no_failures(const Node& node, std::span<const Rows> parts) {
  if (std::any_of(parts.begin(), parts.end(), [](const Rows& part) { return part.has_failures(); }))
    throw_batch_failed(node, parts);
}

}  // namespace

void require_no_compound(std::string_view stage, const Structure& structure) {
  const char* const found = compound_in(structure);
  require(!found, stage, "a ", found ? found : "", " cannot be joined here, got ", structure.to_string(),
          found && std::string_view(found) == "SparseTensor" ? "; take its parts in map, or to_dense()"
                                                             : "; take its parts in map, or padded()");
}

void require_no_ragged(std::string_view stage, const Structure& structure) {
  for (const Component& component : components_of(structure))
    if (component.kind == Compound::ragged) require_no_compound(stage, structure);
}

RowComponents components_of_rows(const Node& node, std::span<const Rows> parts, std::int64_t first, Alike alike,
                                 std::string_view way_out, bool sparse) {
  require_no_failures(node, parts);
  RowComponents all;
  std::vector<Alike> alike_in;  // each leaf
  Element began, row_of_block;
  std::int64_t position = first;
  for (const Rows& part : parts) {
    for (std::int64_t row = 0; row < part.count; ++row, ++position) {
      if (part.stacked) row_of_block = part.element(row);
      const Element& element = part.stacked ? row_of_block : part.list[static_cast<std::size_t>(row)].element;
      if (!all.structure) {
        sparse ? require_no_ragged(node.label(), *element.structure)
               : require_no_compound(node.label(), *element.structure);
        began = element;
        alike_in.assign(element.components.size(), alike);
        for (const Component& component : components_of(*element.structure)) {
          if (component.kind == Compound::sparse) std::fill_n(alike_in.begin() + component.first_leaf, 3, Alike::rank);
        }
        all.structure = element.structure;
        all.leaves.resize(element.components.size());
        for (auto& leaf : all.leaves) leaf.reserve(static_cast<std::size_t>(part.count));
      }
      if (element.structure != began.structure && !began.structure->same_as(*element.structure)) {
        throw ValueError(sentence(node.label(), "element ", position, " has structure ", element.structure->to_string(),
                                  ", the batch began with ", began.structure->to_string(), "; make them equal in map"));
      }
      const auto order = element.structure == began.structure ? std::vector<int>{}
                                                              : began.structure->leaf_order_in(*element.structure);
      for (std::size_t leaf = 0; leaf < all.leaves.size(); ++leaf) {
        const Tensor& tensor = element.components[order.empty() ? leaf : static_cast<std::size_t>(order[leaf])];
        const Tensor& model = began.components[leaf];
        if (!agree(tensor, model, alike_in[leaf])) {
          const std::string path = began.structure->leaf_path(static_cast<int>(leaf));
          throw ValueError(sentence(node.label(), "element ", position, path.empty() ? "" : " component " + path, " ",
                                    difference(tensor, model), "; ", way_out));
        }
        all.leaves[leaf].push_back(tensor);
      }
    }
  }
  return all;
}

Element stack_rows(const Node& node, std::span<const Rows> parts, std::int64_t first) {
  require_no_failures(node, parts);
  const Rows& front = parts.front();
  const bool sparse = compound_in(front.stacked ? *front.structure : *front.list.front().element.structure);
  if (!sparse && front.stacked &&
      std::all_of(parts.begin(), parts.end(), [&](const Rows& part) { return same_columns(part, front); })) {
    if (parts.size() == 1) return Element(front.structure, front.columns);
    Element joined(front.structure, {});
    std::vector<Tensor> pieces(parts.size());
    for (std::size_t leaf = 0; leaf < front.columns.size(); ++leaf) {
      for (std::size_t part = 0; part < parts.size(); ++part) pieces[part] = parts[part].columns[leaf];
      joined.components.push_back(concatenate(pieces));
    }
    return joined;
  }
  const RowComponents rows = components_of_rows(node, parts, first, Alike::shape,
                                                "make them equal in map, or use padded_batch or ragged_batch", sparse);
  Element stacked(rows.structure, {});
  for (const Component& component : components_of(*rows.structure)) {
    const auto* const leaf = &rows.leaves[static_cast<std::size_t>(component.first_leaf)];
    if (component.kind == Compound::none) {
      stacked.components.push_back(stack(leaf[0]));
      continue;
    }
    const Element joined = stack_sparse(leaf[0], leaf[1], leaf[2]);
    stacked.components.insert(stacked.components.end(), joined.components.begin(), joined.components.end());
  }
  return stacked;
}

Rows pick_rows(const Rows& rows, const Positions& positions) {
  if (!positions.list && (positions.step == 1 || positions.count == 1))
    return RowView{&rows, positions.start, positions.count}.share();
  if (rows.stacked && rows.failures.empty()) {
    Rows result = Rows::of_columns(rows.structure, {}, positions.count);
    for (const Tensor& column : rows.columns) result.columns.push_back(gather(column, positions));
    return result;
  }
  std::vector<Outcome> list(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i) {
    auto& outcome = list[static_cast<std::size_t>(i)];
    outcome.failure = rows.failure(positions[i]);
    if (!outcome.failure) outcome.element = rows.element(positions[i]);
  }
  return Rows::of_list(std::move(list));
}

Rows scatter_rows(std::span<const Rows> parts, std::span<const Positions> places, std::int64_t count) {
  const bool stacked =
      std::all_of(parts.begin(), parts.end(), [&](const Rows& part) { return same_columns(part, parts.front()); });
  if (stacked && std::none_of(parts.front().columns.begin(), parts.front().columns.end(),
                              [](const Tensor& column) { return column.dtype().variable_length(); })) {
    Rows result = Rows::of_columns(parts.front().structure, {}, count);
    for (const Tensor& column : parts.front().columns)
      result.columns.push_back(Tensor::empty(column.dtype(), column.shape().tail().with_front(count)));
    for (std::size_t part = 0; part < parts.size(); ++part) {
      for (std::size_t leaf = 0; leaf < result.columns.size(); ++leaf) {
        copy_rows(parts[part].columns[leaf], Positions::range(0, parts[part].count), result.columns[leaf],
                  places[part]);
      }
      for (const auto& failed : parts[part].failures)
        result.failures.push_back({places[part][failed.row], failed.failure});
    }
    std::sort(result.failures.begin(), result.failures.end(),
              [](const auto& a, const auto& b) { return a.row < b.row; });
    return result;
  }
  return scatter_as_list(parts, places, count);
}

Rows scatter_as_list(std::span<const Rows> parts, std::span<const Positions> places, std::int64_t count) {
  std::vector<Outcome> list(static_cast<std::size_t>(count));
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (std::int64_t row = 0; row < parts[part].count; ++row) {
      Outcome& outcome = list[static_cast<std::size_t>(places[part][row])];
      outcome.failure = parts[part].failure(row);
      if (!outcome.failure) outcome.element = parts[part].element(row);
    }
  }
  return Rows::of_list(std::move(list));
}

}  // namespace headrace
