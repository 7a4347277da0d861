// Components that are more than one tensor: rows of differing lengths, and tensors given by their items. In an element
// each is a named container of its parts, so that everything that moves elements moves them too.
#pragma once

#include <optional>
#include <span>

#include <headrace/tensor/spec.hpp>

namespace headrace {

/// Rows of differing lengths: row i is values[row_splits[i]:row_splits[i + 1]].
class RaggedTensor {
 public:
  /// Throws unless row_splits is an int64 vector that starts at 0, never falls and ends at values' first size.
  RaggedTensor(Tensor values, Tensor row_splits);
  /// The rows copied one after the other; they agree in dtype and in all but the first size, else MismatchError.
  static RaggedTensor from_rows(std::span<const Tensor> rows);
  /// The element as one; throws TypeError where it is something else.
  static RaggedTensor of(const Element& element);
  /// (values, row_splits), one shared instance.
  static const StructurePtr& structure();

  const Tensor& values() const { return values_; }
  const Tensor& row_splits() const { return row_splits_; }
  std::int64_t size() const { return row_splits_.shape()[0] - 1; }  // rows
  Tensor row(std::int64_t i) const;                                 // a view
  /// (rows, longest row, ...): what follows a shorter row is `value`, one item of the dtype, or 0, False, '', b'', NaT.
  Tensor padded(const std::optional<Tensor>& value = std::nullopt) const;
  operator Element() const { return Element(structure(), {values_, row_splits_}); }  // NOLINT: it is an element
  /// Equal dtype, splits and items.
  friend bool operator==(const RaggedTensor& a, const RaggedTensor& b) { return equal(Element(a), Element(b)); }

 private:
  Tensor values_, row_splits_;
};

/// A tensor of `dense_shape` by its items: values[i] stands at indices[i]; the others are zero.
class SparseTensor {
 public:
  /// Throws unless indices is int64 (n, rank), values (n) and dense_shape an int64 vector of `rank` sizes >= 0.
  SparseTensor(Tensor indices, Tensor values, Tensor dense_shape);
  static SparseTensor of(const Element& element);
  /// (indices, values, dense_shape), one shared instance.
  static const StructurePtr& structure();

  const Tensor& indices() const { return indices_; }
  const Tensor& values() const { return values_; }
  const Tensor& dense_shape() const { return dense_shape_; }
  /// The whole, zeros where nothing is given ('', b'', NaT). Numbers given for one place are added up, bools or-ed;
  /// throws ValueError where that cannot be (float16, texts, times ...), and for an index outside dense_shape.
  Tensor to_dense() const;
  operator Element() const { return Element(structure(), {indices_, values_, dense_shape_}); }  // NOLINT: as above
  /// The same items in the same order.
  friend bool operator==(const SparseTensor& a, const SparseTensor& b) { return equal(Element(a), Element(b)); }

 private:
  Tensor indices_, values_, dense_shape_;
};

enum class Compound : unsigned char { none, ragged, sparse };
/// What this container is, whatever is in it.
Compound compound_of(const Structure& structure);

/// A component as a user counts them: a leaf, or a compound with its leaves.
struct Component {
  Compound kind;
  int first_leaf;
};
/// All components, in order.
std::vector<Component> components_of(const Structure& structure);
/// The same nesting with a leaf for each compound: leaf i is component i.
StructurePtr collapsed(const StructurePtr& structure);
/// The first size of a component of `spec` as far as it is known, else -1; a ragged one's number of rows.
std::int64_t rows_known(const Spec& spec, const Component& component);
/// "RaggedTensor" or "SparseTensor" where `structure` holds one, else nullptr.
const char* compound_in(const Structure& structure);

}  // namespace headrace
