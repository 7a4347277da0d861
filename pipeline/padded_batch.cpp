#include <headrace/pipeline/padded_batch.hpp>

#include <algorithm>

#include <headrace/pipeline/padding.hpp>
#include <headrace/pipeline/stacking.hpp>

namespace headrace {

namespace {

/// What one component is padded with, and to.
struct Padding {
  Shape shape;  // -1: the longest of the batch
  Tensor value;
};

std::string component_text(const Structure& structure, std::size_t leaf) {
  const std::string path = structure.leaf_path(static_cast<int>(leaf));
  return path.empty() ? "" : " component " + path;
}

/// padded_shapes and padding_values for rows of `row`.
std::vector<Padding> paddings_of(std::string_view stage, const PaddedBatch& options, const Spec& row) {
  require_no_compound(stage, *row.structure);
  const std::size_t leaves = row.components.size();
  std::vector<std::optional<Shape>> shapes(leaves);
  if (options.padded_shapes) shapes = shapes_for(stage, "padded_shapes", *options.padded_shapes, *row.structure);
  std::vector<int> values(leaves, -1);
  const Element* const given = options.padding_values ? &*options.padding_values : nullptr;
  const bool for_all = given && given->structure->kind() == Structure::Kind::leaf;
  if (for_all) std::fill(values.begin(), values.end(), 0);
  if (given && !for_all)
    values = matching_leaves(stage, "padding_values", *given->structure, *row.structure, given->structure->to_string());
  std::vector<Padding> result;
  for (std::size_t leaf = 0; leaf < leaves; ++leaf) {
    const TensorSpec& component = row.components[leaf];
    const std::string place = component_text(*row.structure, leaf);
    Padding padding;
    padding.shape = shapes[leaf].value_or(component.shape);
    if (!shapes[leaf]) std::fill(padding.shape.begin(), padding.shape.end(), -1);
    require(padding.shape.size() == component.shape.size(), stage, "padded_shapes must have the rank of the rows,",
            place.empty() ? " got " : place + " got ", shape_text(padding.shape), " for ", component.to_string());
    padding.value = values[leaf] < 0
                        ? default_padding(component.dtype)
                        : padding_of(stage, "padding_values" + (place.empty() ? "" : " for" + place), component.dtype,
                                     given->components[static_cast<std::size_t>(values[leaf])]);
    result.push_back(std::move(padding));
  }
  return result;
}

class PaddedRows final : public Stacking {
 public:
  PaddedRows(PaddedBatch options, const std::optional<Spec>& row) : options_(std::move(options)) {
    if (!row) return;
    known_ = row->structure;
    paddings_ = paddings_of(PaddedBatch::name, options_, *row);
    for (std::size_t leaf = 0; leaf < paddings_.size(); ++leaf) check_sizes(*row, leaf);
  }

  std::optional<Spec> spec(const Spec& row, std::int64_t count) const override {
    Spec batch{row.structure, {}};
    for (std::size_t leaf = 0; leaf < row.components.size(); ++leaf) {
      Shape shape = row.components[leaf].shape;
      for (int axis = 0; axis < shape.size(); ++axis) {
        const std::int64_t fixed = paddings_[leaf].shape[axis];
        if (fixed >= 0) shape[axis] = fixed;
      }
      batch.components.push_back({row.components[leaf].dtype, shape.with_front(count)});
    }
    return batch;
  }

  bool keeps_blocks(const std::optional<Spec>& row) const override {
    if (!row || !row->fully_known()) return false;
    for (std::size_t leaf = 0; leaf < paddings_.size(); ++leaf) {
      if (!keeps(paddings_[leaf].shape, row->components[leaf].shape)) return false;
    }
    return true;
  }

  Element stack(const Node& node, std::span<const Rows> parts, std::int64_t first) const override {
    if (std::all_of(parts.begin(), parts.end(),
                    [](const Rows& part) { return part.stacked && !part.has_failures(); }) &&
        equal_and_whole(node, parts))
      return stack_rows(node, parts, first);
    const RowComponents rows =
        components_of_rows(node, parts, first, Alike::rank, "make them equal in rank and dtype in map");
    const auto known = paddings_for(node, rows);
    Element batch(rows.structure, {});
    for (std::size_t leaf = 0; leaf < rows.leaves.size(); ++leaf) {
      const auto& tensors = rows.leaves[leaf];
      DType widest = tensors.front().dtype();
      Extent extent{node, *rows.structure, leaf, first, known[leaf].shape};
      for (const Tensor& tensor : tensors) {
        if (tensor.dtype().itemsize() > widest.itemsize()) widest = tensor.dtype();
        extent.add(tensor.shape());
      }
      batch.components.push_back(pad(tensors, widest, extent.finish(), known[leaf].value));
    }
    return batch;
  }

  bool takes_slices() const override { return true; }

  /// The padding values themselves: as an option they are only known by their dtypes.
  std::string identity() const override {
    std::string text;
    if (!options_.padding_values) return text;
    for (const Tensor& value : options_.padding_values->components) {
      const Tensor item = value.copy();
      text += item.dtype().variable_length()
                  ? std::string(item.text())
                  : std::string(reinterpret_cast<const char*>(item.data()), static_cast<std::size_t>(item.nbytes()));
      text += ";";
    }
    return text;
  }

  Element stack_slices(const Node& node, const RowSlices& rows, std::int64_t first) const override {
    Element batch(rows.structure, {});
    for (std::size_t leaf = 0; leaf < rows.columns.size(); ++leaf) {
      const auto& column = rows.columns[leaf];
      const Padding& padding = paddings_[leaf];
      Extent extent{node, *rows.structure, leaf, first, padding.shape};
      if (!column.ragged) {
        const Shape row = column.values.shape().tail();
        extent.add(row);
        const Shape shape = extent.finish();
        batch.components.push_back(shape == row ? column.values : padded(column.values, shape, padding.value));
        continue;
      }
      Shape row = column.values.shape();
      for (const Slice& slice : column.slices) {
        row[0] = slice.count;
        extent.add(row);
      }
      batch.components.push_back(pad(column.values, column.slices, extent.finish(), padding.value));
    }
    return batch;
  }

 private:
  /// The sizes that one component's rows are padded to: the longest, or what is fixed.
  class Extent {
   public:
    Extent(const Node& node, const Structure& structure, std::size_t leaf, std::int64_t first, const Shape& fixed)
        : node_(node), structure_(structure), leaf_(leaf), position_(first), fixed_(fixed), sizes_(fixed) {
      for (std::int64_t& size : sizes_) size = std::max<std::int64_t>(size, 0);
    }
    void add(const Shape& row) {
      for (int axis = 0; axis < row.size(); ++axis) {
        if (row[axis] <= sizes_[axis]) continue;
        if (fixed_[axis] >= 0) refuse(row);
        sizes_[axis] = row[axis];
      }
      ++position_;
    }
    const Shape& finish() const { return sizes_; }

   private:
    [[noreturn]] void refuse(const Shape& row) const {
      throw ValueError(sentence(node_.label(), "element ", position_, component_text(structure_, leaf_), " has shape ",
                                headrace::to_string(row), ", which does not fit in padded_shapes ", shape_text(fixed_),
                                "; make those larger or None, or cut the rows in map"));
    }
    const Node& node_;
    const Structure& structure_;
    std::size_t leaf_;
    std::int64_t position_;
    const Shape& fixed_;
    Shape sizes_;
  };

  static bool keeps(const Shape& wanted, const Shape& row) {
    return std::equal(wanted.begin(), wanted.end(), row.begin(), row.end(),
                      [](std::int64_t to, std::int64_t size) { return to < 0 || to == size; });
  }

  static Tensor padded(const Tensor& stacked, const Shape& shape, const Tensor& value) {
    std::vector<Tensor> rows;
    for (std::int64_t i = 0; i < stacked.shape()[0]; ++i) rows.push_back(stacked.row(i));
    return pad(rows, stacked.dtype(), shape, value);
  }

  /// A size that is known to be more than padded_shapes allow is an error before anything runs.
  void check_sizes(const Spec& row, std::size_t leaf) const {
    const Shape& fixed = paddings_[leaf].shape;
    for (int axis = 0; axis < fixed.size(); ++axis) {
      require(fixed[axis] < 0 || row.components[leaf].shape[axis] <= fixed[axis], PaddedBatch::name,
              "padded_shapes must hold the rows, got ", shape_text(fixed), " for", component_text(*row.structure, leaf),
              " ", row.components[leaf].to_string());
    }
  }

  std::vector<Padding> paddings_for(const Node& node, const RowComponents& rows) const {
    if (rows.structure == known_) return paddings_;
    Spec row{rows.structure, {}};
    for (const auto& tensors : rows.leaves)
      row.components.push_back({tensors.front().dtype(), tensors.front().shape()});
    return paddings_of(node.label(), options_, row);
  }

  /// Stacked parts whose rows are all of one shape, and need no padding.
  bool equal_and_whole(const Node& node, std::span<const Rows> parts) const {
    const Rows& front = parts.front();
    RowComponents one{front.structure, {}};
    for (const Tensor& column : front.columns) {
      if (column.shape()[0] == 0) return false;
      one.leaves.push_back({column.row(0)});
    }
    const auto known = paddings_for(node, one);
    for (const Rows& part : parts) {
      if (part.structure != front.structure) return false;
      for (std::size_t leaf = 0; leaf < known.size(); ++leaf) {
        const Shape tail = part.columns[leaf].shape().tail();
        if (tail != front.columns[leaf].shape().tail() || !keeps(known[leaf].shape, tail)) return false;
      }
    }
    return true;
  }

  PaddedBatch options_;
  StructurePtr known_;  // of the rows, where that is known
  std::vector<Padding> paddings_;
};

}  // namespace

std::unique_ptr<const Stacking> make_padded_rows(const PaddedBatch& options, const std::optional<Spec>& row) {
  return std::make_unique<PaddedRows>(options, row);
}

Dataset PaddedBatch::operator()(const Dataset& upstream) const {
  require(batch_size >= 1, name, "batch_size must be >= 1, got ", batch_size);
  for (const Shape& shape : padded_shapes ? padded_shapes->shapes : std::vector<Shape>{}) {
    for (const std::int64_t size : shape)
      require(size >= -1, name, "the sizes of padded_shapes must be >= 0, or None, got ", shape_text(shape));
  }
  return Dataset(make_batch_node(upstream.node_ptr(), batch_size, drop_remainder,
                                 make_padded_rows(*this, upstream.node().spec())));
}

}  // namespace headrace
