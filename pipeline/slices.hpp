// Arrays read along their first axis, and rows as places in them.
#pragma once

#include <headrace/pipeline/rows.hpp>
#include <headrace/tensor/compound.hpp>
#include <headrace/tensor/pad.hpp>
#include <headrace/tensor/sparse_rows.hpp>

namespace headrace {

/// Rows that lie in arrays, as places: nothing is copied, and no Tensor is made for a row of differing length.
struct RowSlices {
  struct Column {
    Tensor values;              // without slices: a row each; else what they are of
    std::vector<Slice> slices;  // one a row
    bool ragged = false;        // whether `slices` count
  };
  std::int64_t count = 0;
  StructurePtr structure = Structure::leaf();
  std::vector<Column> columns;

  /// Rows [begin, begin + n).
  RowSlices part(std::int64_t begin, std::int64_t n) const;
  /// The first sizes of the first component.
  std::vector<std::int64_t> lengths() const;
};

/// The structure of a row of elements of `whole`: the rows of a RaggedTensor are arrays, those of others are like them.
StructurePtr row_structure(const StructurePtr& whole);

/// An element as a source of rows: its arrays along their first axis, a RaggedTensor by its rows, a SparseTensor by
/// SparseTensors.
class SlicedElement {
 public:
  /// Throws ValueError in `stage`'s name for no component, a scalar, or first sizes that differ.
  SlicedElement(std::string_view stage, const Element& element);

  std::int64_t count() const { return count_; }
  bool ragged() const;  // some rows may differ in length
  bool sparse() const;  // some are SparseTensors: then there are no slices()
  const Spec& spec() const { return spec_; }
  /// The component's array; for a ragged one its values.
  const Tensor& values(std::size_t component) const { return columns_[component].values; }

  Element row(std::int64_t i) const;
  /// Stacked, or where ragged() a list; views where positions are a range.
  Rows gather(const Positions& positions) const;
  RowSlices slices(const Positions& positions) const;

 private:
  struct Column {
    Tensor values;
    Tensor row_splits;  // ragged only
    std::optional<SparseRows> sparse;
    bool ragged() const { return static_cast<bool>(row_splits.dtype()); }
    std::int64_t count() const;
    Slice slice(std::int64_t i) const;
    void append_row(std::int64_t i, std::vector<Tensor>& parts) const;
  };
  void check(std::string_view stage, const StructurePtr& whole) const;

  std::vector<Column> columns_;
  std::int64_t count_ = 0;
  Spec spec_;
};

}  // namespace headrace
