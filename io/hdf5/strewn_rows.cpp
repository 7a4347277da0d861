// Rows in any order: each block once, however its rows are strewn.
#include <algorithm>
#include <cstring>
#include <numeric>

#include <headrace/io/hdf5/column.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::hdf5 {

struct Column::Wanted {
  std::int64_t block;  // among all files'
  std::int64_t row, to;
};

/// Entries [begin, end) of what is wanted are rows of one block.
struct Column::BlockRows {
  std::size_t file;
  std::int64_t number;
  std::size_t begin, end;
};

namespace {

struct RowCopy {
  const std::byte* from;
  std::byte* to;
};

/// Rows from all over the memory: the next ones are on their way while one is copied.
void copy_strewn(std::span<const RowCopy> rows, std::size_t bytes) {
  constexpr std::size_t kAhead = 8, kLine = 64, kMost = 1024;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kAhead < rows.size()) {
      for (std::size_t at = 0; at < std::min(bytes, kMost); at += kLine) __builtin_prefetch(rows[i + kAhead].from + at);
    }
    std::memcpy(rows[i].to, rows[i].from, bytes);
  }
}

/// In order of `block`: counted where there are few of them, which takes a third of the time of comparing.
template <class Wanted>
std::vector<Wanted> sorted_by_block(std::vector<Wanted> rows) {
  if (rows.empty()) return rows;
  const auto by_block = [](const Wanted& a, const Wanted& b) { return a.block < b.block; };
  const auto [low, high] = std::minmax_element(rows.begin(), rows.end(), by_block);
  const std::int64_t first = low->block, blocks = high->block - first + 1;
  if (blocks > 4 * static_cast<std::int64_t>(rows.size())) {
    std::sort(rows.begin(), rows.end(), by_block);
    return rows;
  }
  std::vector<std::size_t> place(static_cast<std::size_t>(blocks) + 1);
  const auto place_of = [&](const Wanted& row) { return place.begin() + (row.block - first); };
  for (const Wanted& row : rows) ++place_of(row)[1];
  std::partial_sum(place.begin(), place.end(), place.begin());
  std::vector<Wanted> sorted(rows.size());
  for (const Wanted& row : rows) sorted[(*place_of(row))++] = row;
  return sorted;
}

}  // namespace

std::vector<Column::BlockRows> Column::rows_by_block(const Positions& positions, const Positions& to,
                                                     std::vector<Wanted>& rows) const {
  std::vector<Wanted> strewn;
  strewn.reserve(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i) {
    const Place here = place(positions[i]);
    strewn.push_back({first_[here.file] + here.block, here.row, to[i]});
  }
  rows = sorted_by_block(std::move(strewn));
  std::vector<BlockRows> blocks;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && rows[i].block == rows[i - 1].block) {
      ++blocks.back().end;
      continue;
    }
    std::size_t file = blocks.empty() ? 0 : blocks.back().file;
    while (file + 1 < first_.size() && first_[file + 1] <= rows[i].block) ++file;
    blocks.push_back({file, rows[i].block - first_[file], i, i + 1});
  }
  return blocks;
}

/// The rows of the blocks that are in the cache; returns the other blocks.
std::vector<Column::BlockRows> Column::copy_kept(const std::vector<BlockRows>& blocks, std::span<const Wanted> rows,
                                                 const Tensor& column) const {
  std::vector<std::int64_t> numbers;
  for (const BlockRows& block : blocks) numbers.push_back(block.number);
  std::vector<Block> kept(blocks.size());
  for (std::size_t begin = 0, end = 0; begin < blocks.size(); begin = end) {
    while (end < blocks.size() && blocks[end].file == blocks[begin].file) ++end;
    BlockCache::shared().find(caches_[blocks[begin].file], std::span(numbers).subspan(begin, end - begin),
                              std::span(kept).subspan(begin, end - begin));
  }
  const std::int64_t bytes = row_bytes();
  std::vector<BlockRows> missing;
  std::vector<RowCopy> copies;
  for (std::size_t i = 0; i < blocks.size(); ++i) {  // C-order, all of them
    if (!kept[i]) missing.push_back(blocks[i]);
    for (std::size_t row = blocks[i].begin; kept[i] && row < blocks[i].end; ++row)
      copies.push_back({kept[i]->data() + rows[row].row * bytes, column.mutable_data() + rows[row].to * bytes});
  }
  copy_strewn(copies, static_cast<std::size_t>(bytes));
  return missing;
}

/// What is not in the cache is decoded on all threads (the first batch of a shuffle wants many blocks) and let go one
/// by one: more than fit are never held. Blocks that another thread makes at this moment come last.
void Column::gather_strewn(const Reading& reading, const Positions& positions, const Tensor& column,
                           const Positions& to) const {
  std::vector<Wanted> rows;
  std::vector<BlockRows> blocks = rows_by_block(positions, to, rows);
  if (column.is_contiguous()) blocks = copy_kept(blocks, rows, column);
  const auto copy_from = [&](const BlockRows& wanted) {
    const Block there = block(reading, wanted.file, wanted.number, false);
    for (std::size_t i = wanted.begin; i < wanted.end; ++i)
      copy_rows(*there, Positions::range(rows[i].row, 1), column, Positions::range(rows[i].to, 1));
  };
  std::vector<char> done(blocks.size());
  pool::parallel_for(static_cast<std::int64_t>(blocks.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      if (BlockCache::shared().being_made(caches_[blocks[i].file], blocks[i].number)) continue;
      copy_from(blocks[i]);
      done[i] = 1;
    }
  });
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (!done[i]) copy_from(blocks[i]);
  }
}

}  // namespace headrace::hdf5
