#include <headrace/pipeline/sparse_batch.hpp>

#include <algorithm>

#include <headrace/pipeline/stacking.hpp>

namespace headrace {

namespace {

/// Writes the place of each item of a row of `shape`, in C order, as row `row` of a batch; returns what comes after.
std::int64_t* list_places(std::int64_t row, const Shape& shape, std::int64_t items, std::int64_t* to) {
  Shape place = shape;
  std::fill(place.begin(), place.end(), 0);
  for (std::int64_t item = 0; item < items; ++item) {
    *to++ = row;
    to = std::copy(place.begin(), place.end(), to);
    for (int axis = shape.size(); axis-- > 0;) {
      if (++place[axis] < shape[axis]) break;
      place[axis] = 0;
    }
  }
  return to;
}

class ListedItems final : public Stacking {
 public:
  explicit ListedItems(Shape row_shape) : row_shape_(std::move(row_shape)) {}

  std::optional<Spec> spec(const Spec& row, std::int64_t) const override {
    const std::int64_t axes = row_shape_.size() + 1;
    return Spec{SparseTensor::structure(),
                {{int64, {-1, axes}}, {row.components.front().dtype, {-1}}, {int64, {axes}}}};
  }

  Element stack(const Node& node, std::span<const Rows> parts, std::int64_t first) const override {
    const RowComponents rows =
        components_of_rows(node, parts, first, Alike::rank, "make them equal in rank and dtype in map");
    require(rows.structure->kind() == Structure::Kind::leaf, node.label(), "elements must be one array, got ",
            rows.structure->to_string(), "; take it out in map");
    const auto& tensors = rows.leaves.front();
    Shape extent = row_shape_;
    for (std::int64_t& size : extent) size = std::max<std::int64_t>(size, 0);
    std::int64_t items = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      require_fits(node, tensors[i].shape(), first + static_cast<std::int64_t>(i));
      for (int axis = 0; axis < extent.size(); ++axis) extent[axis] = std::max(extent[axis], tensors[i].shape()[axis]);
      items += tensors[i].size();
    }
    return list(tensors, extent, items);
  }

 private:
  void require_fits(const Node& node, const Shape& row, std::int64_t position) const {
    bool fits = row.size() == row_shape_.size();
    for (int axis = 0; fits && axis < row.size(); ++axis) fits = row_shape_[axis] < 0 || row[axis] <= row_shape_[axis];
    if (fits) return;
    throw ValueError(sentence(node.label(), "element ", position, " has shape ", to_string(row),
                              ", which does not fit in row_shape ", shape_text(row_shape_),
                              "; make that larger or None, or cut the rows in map"));
  }

  static Element list(const std::vector<Tensor>& tensors, const Shape& extent, std::int64_t items) {
    const auto count = static_cast<std::int64_t>(tensors.size());
    Tensor indices = Tensor::empty(int64, {items, extent.size() + 1});
    std::vector<Tensor> flat;
    std::int64_t* to = indices.mutable_values<std::int64_t>().data();
    for (std::int64_t row = 0; row < count; ++row) {
      const Tensor& tensor = tensors[static_cast<std::size_t>(row)];
      to = list_places(row, tensor.shape(), tensor.size(), to);
      flat.push_back(tensor.reshape({tensor.size()}));
    }
    const Shape whole = extent.with_front(count);
    const Tensor dense_shape = Tensor::copy_of<std::int64_t>(std::span(whole.begin(), whole.end()));
    return Element(SparseTensor::structure(), {std::move(indices), concatenate(flat), dense_shape});
  }

  Shape row_shape_;
};

}  // namespace

Dataset SparseBatch::operator()(const Dataset& upstream) const {
  require(batch_size >= 1, name, "batch_size must be >= 1, got ", batch_size);
  require(row_shape.structure->kind() == Structure::Kind::leaf && row_shape.shapes.size() == 1, name,
          "row_shape must be one shape, got ", row_shape.to_string());
  const Shape& shape = row_shape.shapes.front();
  for (const std::int64_t size : shape)
    require(size >= -1, name, "the sizes of row_shape must be >= 0, or None, got ", shape_text(shape));
  if (const auto row = upstream.node().spec()) {
    require(row->structure->kind() == Structure::Kind::leaf, name, "elements must be one array, got ", row->to_string(),
            "; take it out in map");
    const Shape& known = row->components.front().shape;
    require(known.size() == shape.size(), name, "row_shape must have the rank of the rows, got ", shape_text(shape),
            " for ", row->to_string());
    for (int axis = 0; axis < known.size(); ++axis) {
      require(shape[axis] < 0 || known[axis] <= shape[axis], name, "row_shape must hold the rows, got ",
              shape_text(shape), " for ", row->to_string());
    }
  }
  return Dataset(make_batch_node(upstream.node_ptr(), batch_size, false, std::make_unique<ListedItems>(shape)));
}

}  // namespace headrace
