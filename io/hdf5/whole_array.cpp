#include <headrace/io/hdf5/whole_array.hpp>

#include <algorithm>

#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::hdf5 {

namespace {

bool by_libhdf5(const ArrayInfo& info) { return !info.slow_because.empty(); }

/// Calls body(i, block, start, stop) on all threads for the i-th block of which rows [start, stop) lie in [begin, end).
template <class Body>
void each_block(const BlockPlan& plan, std::int64_t begin, std::int64_t end, const Body& body) {
  if (begin == end) return;
  const std::int64_t first = begin / plan.block_rows, last = (end - 1) / plan.block_rows;
  pool::parallel_for(last - first + 1, 1, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t block = first + i;
      body(i, block, std::max(block * plan.block_rows, begin), std::min((block + 1) * plan.block_rows, end));
    }
  });
}

/// Rows [begin, ...) into `rows`, a C-order tensor, block by block; not by_libhdf5(), nor texts of variable length.
void fill(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t begin, const Tensor& rows) {
  const ArrayInfo& info = array.info();
  if (rows.size() == 0) return;
  const std::int64_t end = begin + rows.shape()[0];
  each_block(plan, begin, end, [&](std::int64_t, std::int64_t block, std::int64_t start, std::int64_t stop) {
    const Tensor part = rows.rows(start - begin, stop - start);
    if (lies_in_one_place(info))
      read_contiguous(stage, array, start, part);
    else if (plan.is_one_chunk(info) && stop - start == plan.block_rows)
      read_blocks_into(stage, array, plan, block, part);
    else
      copy(read_block(stage, array, plan, block).rows(start - block * plan.block_rows, stop - start), part);
  });
}

/// Texts of variable length: the blocks' heaps are joined.
Tensor texts(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t begin, std::int64_t end) {
  std::vector<Tensor> parts(static_cast<std::size_t>((end - 1) / plan.block_rows - begin / plan.block_rows + 1));
  each_block(plan, begin, end, [&](std::int64_t i, std::int64_t block, std::int64_t start, std::int64_t stop) {
    parts[static_cast<std::size_t>(i)] =
        read_block(stage, array, plan, block).rows(start - block * plan.block_rows, stop - start);
  });
  return concatenate(parts);
}

}  // namespace

Tensor read_rows(std::string_view stage, const Array& array, std::int64_t begin, std::int64_t end) {
  const ArrayInfo& info = array.info();
  const BlockPlan plan(info);
  if (by_libhdf5(info)) return array.read_rows(stage, begin, end - begin);
  if (info.dtype.variable_length() && begin < end) return texts(stage, array, plan, begin, end);
  Tensor rows = Tensor::empty(info.dtype, info.shape.tail().with_front(end - begin));
  fill(stage, array, plan, begin, rows);
  return rows;
}

Tensor read_all(std::string_view stage, const Array& array) {
  const ArrayInfo& info = array.info();
  if (info.rank > 0) return read_rows(stage, array, 0, info.shape[0]);
  return read_block(stage, array, BlockPlan(info), 0).row(0);
}

void read_all_into(std::string_view stage, const Array& array, const Tensor& to) {
  const ArrayInfo& info = array.info();
  const BlockPlan plan(info);
  if (info.rank == 0 || by_libhdf5(info) || !to.is_contiguous())
    copy(read_all(stage, array), to);
  else
    fill(stage, array, plan, 0, to);
}

RaggedTensor read_sequences(std::string_view stage, const Array& array, std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t kTogether = 256;  // sequences
  if (by_libhdf5(array.info())) return array.read_sequence_rows(stage, begin, end - begin);
  const Tensor references =
      array.info().rank > 0 ? read_rows(stage, array, begin, end) : read_all(stage, array).with_leading_axis();
  Tensor splits = array.sequence_splits(stage, references);
  const auto ends = splits.values<std::int64_t>();
  const auto& [dtype, axes] = *array.info().sequences;
  Tensor values = Tensor::empty(dtype, axes.with_front(ends.back()));
  pool::parallel_for(end - begin, kTogether, [&](std::int64_t from, std::int64_t to) {
    const std::int64_t first = ends[static_cast<std::size_t>(from)];
    array.read_sequences(stage, references.rows(from, to - from),
                         values.rows(first, ends[static_cast<std::size_t>(to)] - first));
  });
  return {std::move(values), std::move(splits)};
}

}  // namespace headrace::hdf5
