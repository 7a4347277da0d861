#include <headrace/io/hdf5/whole_array.hpp>

#include <algorithm>

#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::hdf5 {

namespace {

bool by_libhdf5(const ArrayInfo& info, const BlockPlan& plan) { return plan.chunks == 0 && !lies_as_it_is(info); }

/// Rows [begin, ...) into `rows`, a C-order tensor, block by block; not by_libhdf5().
void fill(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t begin, const Tensor& rows) {
  const ArrayInfo& info = array.info();
  if (rows.size() == 0) return;
  const std::int64_t end = begin + rows.shape()[0];
  const std::int64_t first = begin / plan.block_rows, last = (end - 1) / plan.block_rows;
  pool::parallel_for(last - first + 1, 1, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t block = first + from; block < first + to; ++block) {
      const std::int64_t start = std::max(block * plan.block_rows, begin);
      const std::int64_t stop = std::min((block + 1) * plan.block_rows, end);
      const Tensor part = rows.rows(start - begin, stop - start);
      if (lies_as_it_is(info))
        read_contiguous(stage, array, start, part);
      else if (plan.is_one_chunk(info) && stop - start == plan.block_rows)
        read_blocks_into(stage, array, plan, block, part);
      else
        copy(read_block(stage, array, plan, block).rows(start - block * plan.block_rows, stop - start), part);
    }
  });
}

}  // namespace

Tensor read_rows(std::string_view stage, const Array& array, std::int64_t begin, std::int64_t end) {
  const ArrayInfo& info = array.info();
  const BlockPlan plan(info);
  if (by_libhdf5(info, plan)) return array.read_rows(stage, begin, end - begin);
  Tensor rows = Tensor::empty(info.dtype, info.shape.tail().with_front(end - begin));
  fill(stage, array, plan, begin, rows);
  return rows;
}

Tensor read_all(std::string_view stage, const Array& array) {
  const ArrayInfo& info = array.info();
  return info.rank == 0 ? array.read_rows(stage, 0, 1).row(0) : read_rows(stage, array, 0, info.shape[0]);
}

void read_all_into(std::string_view stage, const Array& array, const Tensor& to) {
  const ArrayInfo& info = array.info();
  const BlockPlan plan(info);
  if (info.rank == 0 || by_libhdf5(info, plan) || !to.is_contiguous())
    copy(read_all(stage, array), to);
  else
    fill(stage, array, plan, 0, to);
}

}  // namespace headrace::hdf5
