#include <headrace/pipeline/ragged_batch.hpp>

#include <algorithm>

#include <headrace/pipeline/stacking.hpp>

namespace headrace {

namespace {

/// Which components of `row` become ragged: those with a first axis whose sizes are not all known.
std::vector<bool> ragged_leaves(const Spec& row) {
  std::vector<bool> ragged;
  for (const TensorSpec& component : row.components)
    ragged.push_back(!component.shape.empty() && !component.fully_known());
  return ragged;
}

StructurePtr with_ragged(const Structure& row, const std::vector<bool>& ragged) {
  std::vector<StructurePtr> parts;
  for (const bool is_ragged : ragged) parts.push_back(is_ragged ? RaggedTensor::structure() : Structure::leaf());
  return row.with_leaves(parts);
}

/// Row lengths added up as they come.
class Splits {
 public:
  explicit Splits(std::int64_t rows) : splits_(Tensor::empty(int64, {rows + 1})) {
    next_ = splits_.mutable_values<std::int64_t>().data();
    *next_ = 0;
  }
  void add(std::int64_t length) {
    next_[1] = next_[0] + length;
    ++next_;
  }
  Tensor finish() const { return splits_; }

 private:
  Tensor splits_;
  std::int64_t* next_;
};

class RaggedRows final : public Stacking {
 public:
  explicit RaggedRows(const std::optional<Spec>& row) {
    if (!row) return;
    require_no_compound(RaggedBatch::name, *row->structure);
    known_ = row->structure;
    ragged_ = ragged_leaves(*row);
    const bool any = std::any_of(ragged_.begin(), ragged_.end(), [](bool ragged) { return ragged; });
    batch_ = any ? with_ragged(*known_, ragged_) : known_;
  }

  std::optional<Spec> spec(const Spec& row, std::int64_t count) const override {
    Spec batch{batch_, {}};
    for (std::size_t leaf = 0; leaf < ragged_.size(); ++leaf) {
      const TensorSpec& component = row.components[leaf];
      if (!ragged_[leaf]) {
        batch.components.push_back({component.dtype, component.shape.with_front(count)});
        continue;
      }
      batch.components.push_back({component.dtype, component.shape.tail().with_front(-1)});
      batch.components.push_back({int64, {count < 0 ? -1 : count + 1}});
    }
    return batch;
  }

  bool keeps_blocks(const std::optional<Spec>& row) const override { return row && row->fully_known(); }

  Element stack(const Node& node, std::span<const Rows> parts, std::int64_t first) const override {
    if (known_ && batch_ == known_) return stack_rows(node, parts, first);
    const RowComponents rows =
        components_of_rows(node, parts, first, Alike::rank, "make them equal in rank and dtype in map");
    const std::vector<bool> ragged = ragged_of(rows);
    Element batch(rows.structure == known_ ? batch_ : with_ragged(*rows.structure, ragged), {});
    for (std::size_t leaf = 0; leaf < rows.leaves.size(); ++leaf) {
      const auto& tensors = rows.leaves[leaf];
      check_tails(node, rows, leaf, first, ragged[leaf]);
      if (!ragged[leaf]) {
        batch.components.push_back(headrace::stack(tensors));
        continue;
      }
      Splits splits(static_cast<std::int64_t>(tensors.size()));
      for (const Tensor& tensor : tensors) splits.add(tensor.shape()[0]);
      batch.components.push_back(concatenate(tensors));
      batch.components.push_back(splits.finish());
    }
    return batch;
  }

  bool takes_slices() const override { return true; }

  Element stack_slices(const Node&, const RowSlices& rows, std::int64_t) const override {
    Element batch(batch_, {});
    for (const auto& column : rows.columns) {
      if (!column.ragged) {
        batch.components.push_back(column.values);
        continue;
      }
      Splits splits(rows.count);
      for (const Slice& slice : column.slices) splits.add(slice.count);
      batch.components.push_back(join(column.values, column.slices));
      batch.components.push_back(splits.finish());
    }
    return batch;
  }

 private:
  /// Which leaves of `rows` are ragged. Where the plan did not know, their sizes count as unknown, as in element_spec.
  std::vector<bool> ragged_of(const RowComponents& rows) const {
    if (rows.structure == known_) return ragged_;
    std::vector<bool> ragged;
    for (const auto& tensors : rows.leaves) ragged.push_back(tensors.front().ndim() > 0);
    if (!known_ || !known_->same_as(*rows.structure)) return ragged;
    const auto order = known_->leaf_order_in(*rows.structure);  // dicts may have their keys in another order
    for (std::size_t leaf = 0; leaf < ragged_.size(); ++leaf)
      ragged[order.empty() ? leaf : static_cast<std::size_t>(order[leaf])] = ragged_[leaf];
    return ragged;
  }

  static void check_tails(const Node& node, const RowComponents& rows, std::size_t leaf, std::int64_t first,
                          bool ragged) {
    const auto& tensors = rows.leaves[leaf];
    const Shape& began = tensors.front().shape();
    for (std::size_t i = 1; i < tensors.size(); ++i) {
      const Shape& shape = tensors[i].shape();
      const bool fits = ragged ? shape.tail() == began.tail() : shape == began;
      if (fits) continue;
      const std::string path = rows.structure->leaf_path(static_cast<int>(leaf));
      throw ValueError(sentence(node.label(), "element ", first + static_cast<std::int64_t>(i),
                                path.empty() ? "" : " component " + path, " has shape ", to_string(shape),
                                ", the batch began with ", to_string(began),
                                "; only the first axis may vary, use padded_batch"));
    }
  }

  StructurePtr known_, batch_;  // of the rows and of the batches, where known
  std::vector<bool> ragged_;
};

}  // namespace

Dataset RaggedBatch::operator()(const Dataset& upstream) const {
  require(batch_size >= 1, name, "batch_size must be >= 1, got ", batch_size);
  return Dataset(make_batch_node(upstream.node_ptr(), batch_size, drop_remainder,
                                 std::make_unique<RaggedRows>(upstream.node().spec())));
}

}  // namespace headrace
