#include <headrace/tensor/compound.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {
namespace {

constexpr auto kRagged = "RaggedTensor";
constexpr auto kSparse = "SparseTensor";

class CompoundTag final : public ContainerTag {
 public:
  explicit CompoundTag(Compound kind) : kind_(kind) {}
  std::string name() const override {
    return std::string("headrace.") + (kind_ == Compound::ragged ? kRagged : kSparse);
  }
  Compound kind() const { return kind_; }

 private:
  Compound kind_;
};

StructurePtr make(Compound kind, std::vector<std::string> parts) {
  std::vector<StructurePtr> leaves(parts.size(), Structure::leaf());
  return Structure::named(std::move(parts), std::move(leaves), std::make_shared<CompoundTag>(kind));
}

std::string shown(const Tensor& tensor) {
  return tensor.dtype() ? tensor.dtype().name() + to_string(tensor.shape()) : "nothing";
}

/// An int64 tensor of `rank` axes whose items can be read as a span.
Tensor checked_int64(Tensor tensor, int rank, const char* stage, const char* what) {
  const bool right = tensor.dtype() == int64 && tensor.ndim() == rank;
  require<TypeError>(right, stage, what, " must be int64 of ", rank, rank == 1 ? " axis" : " axes", ", got ",
                     shown(tensor));
  const bool aligned = reinterpret_cast<std::uintptr_t>(tensor.data()) % alignof(std::int64_t) == 0;
  return tensor.is_contiguous() && aligned ? tensor : tensor.copy();
}

void append_components(const Structure& structure, int& leaf, std::vector<Component>& components) {
  const Compound kind = compound_of(structure);
  if (structure.kind() == Structure::Kind::leaf || kind != Compound::none) {
    components.push_back({kind, leaf});
    leaf += structure.leaf_count();
    return;
  }
  for (const StructurePtr& child : structure.children()) append_components(*child, leaf, components);
}

}  // namespace

RaggedTensor::RaggedTensor(Tensor values, Tensor row_splits)
    : values_(std::move(values)), row_splits_(checked_int64(std::move(row_splits), 1, kRagged, "row_splits")) {
  require(values_.dtype() && values_.ndim() > 0, kRagged, "values need a first axis, got ", shown(values_));
  const auto splits = row_splits_.values<std::int64_t>();
  require(!splits.empty() && splits.front() == 0, kRagged, "row_splits must start at 0, got ",
          splits.empty() ? "none" : std::to_string(splits.front()));
  for (std::size_t i = 1; i < splits.size(); ++i) {
    require(splits[i] >= splits[i - 1], kRagged, "row_splits must never fall, got ", splits[i], " after ",
            splits[i - 1], " at position ", i);
  }
  require(splits.back() == values_.shape()[0], kRagged, "row_splits must end at the length of values, ",
          values_.shape()[0], ", got ", splits.back());
}

RaggedTensor RaggedTensor::of(const Element& element) {
  require<TypeError>(compound_of(*element.structure) == Compound::ragged, kRagged,
                     "an element that is one is needed, got ", element.structure->to_string());
  return RaggedTensor(element.components[0], element.components[1]);
}

const StructurePtr& RaggedTensor::structure() {
  static const auto& shared = *new StructurePtr(make(Compound::ragged, {"values", "row_splits"}));
  return shared;
}

Tensor RaggedTensor::row(std::int64_t i) const {
  const auto splits = row_splits_.values<std::int64_t>();
  const std::int64_t begin = splits[static_cast<std::size_t>(i)];
  return values_.rows(begin, splits[static_cast<std::size_t>(i) + 1] - begin);
}

SparseTensor::SparseTensor(Tensor indices, Tensor values, Tensor dense_shape)
    : indices_(checked_int64(std::move(indices), 2, kSparse, "indices")),
      values_(std::move(values)),
      dense_shape_(checked_int64(std::move(dense_shape), 1, kSparse, "dense_shape")) {
  require(values_.dtype() && values_.ndim() == 1, kSparse, "values must have one axis, got ", shown(values_));
  require(indices_.shape()[0] == values_.shape()[0], kSparse, "each value needs one row of indices, got ",
          indices_.shape()[0], " rows for ", values_.shape()[0], " values");
  require(indices_.shape()[1] == dense_shape_.shape()[0], kSparse, "indices need a column for each axis, got ",
          indices_.shape()[1], " for ", dense_shape_.shape()[0]);
  for (const std::int64_t size : dense_shape_.values<std::int64_t>())
    require(size >= 0, kSparse, "the sizes of dense_shape must be >= 0, got ", size);
}

SparseTensor SparseTensor::of(const Element& element) {
  require<TypeError>(compound_of(*element.structure) == Compound::sparse, kSparse,
                     "an element that is one is needed, got ", element.structure->to_string());
  return SparseTensor(element.components[0], element.components[1], element.components[2]);
}

const StructurePtr& SparseTensor::structure() {
  static const auto& shared = *new StructurePtr(make(Compound::sparse, {"indices", "values", "dense_shape"}));
  return shared;
}

Compound compound_of(const Structure& structure) {
  if (structure.kind() != Structure::Kind::named) return Compound::none;
  const auto* const tag = dynamic_cast<const CompoundTag*>(structure.tag().get());
  return tag ? tag->kind() : Compound::none;
}

std::vector<Component> components_of(const Structure& structure) {
  std::vector<Component> components;
  int leaf = 0;
  append_components(structure, leaf, components);
  return components;
}

StructurePtr collapsed(const StructurePtr& structure) {
  if (!compound_in(*structure)) return structure;
  if (compound_of(*structure) != Compound::none) return Structure::leaf();
  std::vector<StructurePtr> children;
  for (const StructurePtr& child : structure->children()) children.push_back(collapsed(child));
  return structure->with_children(std::move(children));
}

std::int64_t rows_known(const Spec& spec, const Component& component) {
  const std::size_t leaf = static_cast<std::size_t>(component.first_leaf);
  const Shape& shape = spec.components[component.kind == Compound::ragged ? leaf + 1 : leaf].shape;
  if (component.kind == Compound::sparse || shape.empty() || shape[0] < 0) return -1;
  return component.kind == Compound::ragged ? shape[0] - 1 : shape[0];
}

const char* compound_in(const Structure& structure) {
  const Compound kind = compound_of(structure);
  if (kind != Compound::none) return kind == Compound::ragged ? kRagged : kSparse;
  for (const StructurePtr& child : structure.children()) {
    if (const char* const found = compound_in(*child)) return found;
  }
  return nullptr;
}

}  // namespace headrace
