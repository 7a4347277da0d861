// Rows of an array that are read where they lie in their file, in C order or, in blocks, in Fortran order.
#include <algorithm>
#include <cstring>

#include <headrace/io/hdf5/block_cache.hpp>
#include <headrace/io/npy/column.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

using hdf5::BlockCache;
using hdf5::Reading;

namespace {

constexpr std::int64_t kSpan = std::int64_t{1} << 17;  // that one read is for
constexpr std::int64_t kGap = std::int64_t{1} << 12;   // not wanted, and read all the same

struct Wanted {
  std::int64_t row, to;
};

std::vector<Wanted> in_file_order(const Positions& rows, const Positions& to) {
  std::vector<Wanted> wanted(static_cast<std::size_t>(rows.count));
  for (std::int64_t i = 0; i < rows.count; ++i) wanted[static_cast<std::size_t>(i)] = {rows[i], to[i]};
  std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) { return a.row < b.row; });
  return wanted;
}

}  // namespace

void NpyColumn::read_range(std::size_t part, const Positions& rows, const Tensor& column, const Positions& to) const {
  const NpyPart& from = parts_[part];
  std::byte* const data = column.mutable_data() + to[0] * row_bytes();
  const std::int64_t size = rows.count * row_bytes();
  files_->open(from.file)->read([&] { return row_text(part, rows[0]); }, from.offset + rows[0] * row_bytes(), data,
                                size);
  hdf5::put_right(from.head.fixes, row_.dtype.itemsize(), data, size);
}

/// Neighbours are read together, as are those with little between them.
void NpyColumn::read_strewn(std::size_t part, const Positions& rows, const Tensor& column, const Positions& to) const {
  const NpyPart& from = parts_[part];
  const std::int64_t bytes = row_bytes();
  const auto opened = files_->open(from.file);
  const auto place_of = [&](const Wanted& one) { return column.mutable_data() + one.to * column.strides()[0]; };
  const auto read = [&](const Wanted& first, std::byte* data, std::int64_t size) {
    const std::int64_t place = from.offset + first.row * bytes;
    if (!opened->read_some(place, data, size)) opened->fail(row_text(part, first.row), place, size);
  };
  const std::vector<Wanted> wanted = in_file_order(rows, to);
  Buffer span;
  for (auto first = wanted.begin(); first != wanted.end();) {
    auto end = first + 1;
    while (end != wanted.end() && (end->row - (end - 1)->row - 1) * bytes <= kGap &&
           (end->row + 1 - first->row) * bytes <= kSpan)
      ++end;
    if (end == first + 1) {
      read(*first, place_of(*first), bytes);
    } else {
      if (!span) span = Buffer::allocate(static_cast<std::size_t>(kSpan));
      read(*first, span.data(), ((end - 1)->row + 1 - first->row) * bytes);
      for (auto one = first; one != end; ++one)
        std::memcpy(place_of(*one), span.data() + (one->row - first->row) * bytes, static_cast<std::size_t>(bytes));
    }
    first = end;
  }
  opened->require_unchanged([&] { return row_text(part, wanted.front().row); });
  if (from.head.fixes.empty()) return;
  for (const Wanted& one : wanted) hdf5::put_right(from.head.fixes, row_.dtype.itemsize(), place_of(one), bytes);
}

/// A run of each column lies together in the file; the block is put in C order once, for all who read from it.
Tensor NpyColumn::read_block(std::size_t part, std::int64_t number) const {
  const NpyPart& from = parts_[part];
  const std::int64_t itemsize = row_.dtype.itemsize(), rows = from.head.shape.front(), first = number * block_rows_;
  const std::int64_t count = std::min(block_rows_, rows - first), columns = row_bytes() / itemsize;
  const Tensor stored = Tensor::empty(row_.dtype, row_.shape.with_front(count));
  const auto opened = files_->open(from.file);
  const std::int64_t together = count == rows ? columns : 1, run = together * count * itemsize;
  for (std::int64_t column = 0; column < columns; column += together) {
    const std::int64_t place = from.offset + (column * rows + first) * itemsize;
    if (!opened->read_some(place, stored.mutable_data() + column * count * itemsize, run))
      opened->fail(row_text(part, first), place, run);
  }
  opened->require_unchanged([&] { return row_text(part, first); });
  hdf5::put_right(from.head.fixes, itemsize, stored.mutable_data(), stored.nbytes());
  return Tensor::view(stored.buffer(), stored.mutable_data(), row_.dtype, stored.shape(),
                      fortran_strides(stored.shape(), itemsize), true)
      .copy();
}

Tensor NpyColumn::block(const Reading& reading, std::size_t part, std::int64_t number) const {
  Run& run = reading.context.run;
  check(reading, part);
  const std::int64_t bytes = 2 * block_rows_ * row_bytes();  // as it is stored, and in C order
  if (bytes > run.memory_limit())
    throw MemoryLimitError(
        sentence(files_->stage(), "the rows of ", parts_[part].where,
                 " that are read at once must fit in memory_limit, ", run.memory_limit(), " bytes, got ", bytes,
                 "; raise it with with_options, or save the array in C order (np.ascontiguousarray)"));
  run.share_memory_with_cache();
  return *BlockCache::shared().get(caches_[part], number, run.memory_for_cache(),
                                   [&] { return read_block(part, number); });
}

void NpyColumn::copy_blocks(const Reading& reading, std::size_t part, const Positions& rows, const Tensor& column,
                            const Positions& to) const {
  const std::vector<Wanted> wanted = in_file_order(rows, to);
  std::vector<std::int64_t> from, places;
  for (auto first = wanted.begin(); first != wanted.end();) {
    const std::int64_t number = first->row / block_rows_;
    from.clear();
    places.clear();
    for (; first != wanted.end() && first->row / block_rows_ == number; ++first) {
      from.push_back(first->row % block_rows_);
      places.push_back(first->to);
    }
    const auto count = static_cast<std::int64_t>(from.size());
    copy_rows(block(reading, part, number), Positions::of(from.data(), count), column,
              Positions::of(places.data(), count));
  }
}

}  // namespace headrace
