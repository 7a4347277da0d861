// SparseTensors along their first axis: taken apart into rows, and put together from rows.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include <headrace/tensor/compound.hpp>

namespace headrace {

/// The rows of a SparseTensor: SparseTensors of one axis less, whose parts are views. Items of one row keep their
/// order.
class SparseRows {
 public:
  /// Copies the indices, and the values where they do not lie row by row. Throws ValueError in `stage`'s name for no
  /// axes, or an index outside the first size.
  SparseRows(std::string_view stage, const SparseTensor& whole);

  std::int64_t count() const { return row_splits_.shape()[0] - 1; }
  const Tensor& values() const { return values_; }
  int axes() const { return static_cast<int>(dense_shape_.shape()[0]); }  // of a row
  /// Appends the parts of row `i`.
  void append_row(std::int64_t i, std::vector<Tensor>& parts) const;

 private:
  Tensor indices_, values_, dense_shape_, row_splits_;
};

/// One SparseTensor of the parts of several, which become its rows: the sizes are the largest of each axis. All have
/// values of one dtype (texts of fixed width: of any) and as many axes.
SparseTensor stack_sparse(std::span<const Tensor> indices, std::span<const Tensor> values,
                          std::span<const Tensor> dense_shapes);

/// What is known of the parts of a SparseTensor of `axes`, -1 where that is not known.
std::array<TensorSpec, 3> sparse_leaves(DType dtype, std::int64_t axes);

}  // namespace headrace
