#include <headrace/io/hdf5/leaves.hpp>

namespace headrace::hdf5 {

namespace {

Tensor field_of(const Tensor& records, const Field& field) {
  Shape shape = records.shape();
  Strides strides = records.strides();
  const Shape axes{std::span(field.shape)};
  const Strides inner = contiguous_strides(axes, field.dtype.itemsize());
  for (int axis = 0; axis < axes.size(); ++axis) {
    shape = shape.with_back(axes[axis]);
    strides = strides.with_back(inner[axis]);
  }
  return Tensor::view(records.buffer(), records.mutable_data() + field.offset, field.dtype, shape, strides,
                      records.writable());
}

/// What stands for `leaf`, of items of `dtype`, and the leaves that it is split into.
StructurePtr split_leaf(const Leaf& leaf, DType dtype, std::vector<Leaf>& leaves) {
  if (dtype.kind() != Kind::record || dtype.fields().empty()) {
    leaves.push_back(leaf);
    return Structure::leaf();
  }
  std::vector<std::string> keys;
  std::vector<StructurePtr> children;
  for (const Field& field : dtype.fields()) {
    Leaf inner = leaf;
    inner.path.push_back(field);
    keys.push_back(field.name);
    children.push_back(split_leaf(inner, field.dtype, leaves));
  }
  return Structure::dict(std::move(keys), std::move(children));
}

}  // namespace

Tensor Leaf::of(const Tensor& records) const {
  Tensor part = records;
  for (const Field& field : path) part = field_of(part, field);
  return part;
}

TensorSpec Leaf::spec(const TensorSpec& records) const {
  TensorSpec part = records;
  for (const Field& field : path) {
    part.dtype = field.dtype;
    for (const std::int64_t size : field.shape) part.shape = part.shape.with_back(size);
  }
  return part;
}

Leaves leaves_of(StructurePtr structure, std::vector<std::unique_ptr<const Component>> components, bool split) {
  Leaves result{std::move(structure), {}, std::move(components)};
  std::vector<StructurePtr> parts;
  for (std::size_t i = 0; i < result.components.size(); ++i) {
    if (split)
      parts.push_back(split_leaf({i, {}}, result.components[i]->row().dtype, result.leaves));
    else
      result.leaves.push_back({i, {}});
  }
  if (split) result.structure = result.structure->with_leaves(parts);
  return result;
}

}  // namespace headrace::hdf5
