#include <headrace/io/hdf5/column.hpp>

#include <algorithm>

#include <headrace/pipeline/run.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::int64_t kSmallBlock = std::int64_t{1} << 16;
constexpr std::int64_t kMarks = std::int64_t{1} << 20;  // a file may claim more blocks than memory has bytes

/// Calls body(place, first, count) for the entries of `positions` that follow each other in one block.
template <class PlaceOf, class Body>
void each_run(const Positions& positions, const PlaceOf& place_of, const Body& body) {
  for (std::int64_t i = 0; i < positions.count;) {
    const auto place = place_of(positions[i]);
    std::int64_t n = 1;
    if (!positions.list && positions.step == 1)
      n = std::min(place.left, positions.count - i);
    else
      while (i + n < positions.count && n < place.left && positions[i + n] == positions[i] + n) ++n;
    body(place, i, n);
    i += n;
  }
}

}  // namespace

Column::Column(std::shared_ptr<const FileSet> files, std::string name, bool mmap)
    : Component(std::move(name)), files_(std::move(files)) {
  std::int64_t blocks = 0;
  for (std::size_t file = 0; file < files_->paths().size(); ++file) {
    const ArrayInfo info = files_->array(file, name_)->info();
    const auto where = [&] { return "'" + name_ + "' in '" + files_->paths()[file] + "'"; };
    require(!info.shape.empty(), files_->stage(), "an array must have rows, got the scalar ", where());
    if (file == 0) {
      row_ = {info.dtype, info.shape.tail()};
      info_ = info;
    }
    const TensorSpec first = row_of(info_), row = row_of(info);
    require(row.dtype == first.dtype && row.shape == first.shape, files_->stage(),
            "rows must be as in the first file, ", first.to_string(), ", got ", row.to_string(), " of ", where());
    as_it_lies_ = as_it_lies_ && lies_in_one_place(info);
    mmap = mmap && lies_as_it_is(info);
    starts_.push_back(starts_.back() + info.shape[0]);
    plans_.emplace_back(info);
    one_chunk_ = one_chunk_ && plans_.back().is_one_chunk(info);
    caches_.push_back(BlockCache::shared().new_array());
    first_.push_back(blocks);
    blocks += plans_.back().blocks;
  }
  seen_ = std::vector<std::atomic<bool>>(static_cast<std::size_t>(std::clamp(blocks, std::int64_t{1}, kMarks)));
  if (!mmap) return;
  for (std::size_t file = 0; file < files_->paths().size(); ++file)
    mapped_.push_back(map_array(files_->stage(), *files_->array(file, name_)));
}

Column::~Column() {
  for (const std::int64_t cache : caches_) BlockCache::shared().forget(cache);
}

std::string how_read(const ArrayInfo& info, bool mapped) {
  if (!info.slow_because.empty()) return "through libhdf5, one thread at a time: " + info.slow_because;
  if (lies_in_one_place(info)) return mapped && lies_as_it_is(info) ? "mapped" : "where it lies in the file";
  std::string text = "in blocks of " + std::to_string(BlockPlan(info).block_rows) + " rows";
  if (info.layout == Layout::chunked)
    text = "in chunks of " + std::to_string(info.chunk[0]) +
           " rows: " + (info.filters.empty() ? "not compressed" : info.filters.to_string());
  if (info.converted_because.empty()) return text;
  return text + "; converted by libhdf5, one thread at a time: " + info.converted_because;
}

std::string Column::path() const { return how_read(info_, !mapped_.empty()); }

std::string Column::where(std::int64_t position) const {
  const Place here = place_in_file(position);
  return "row " + std::to_string(here.row) + " of '" + name_ + "' in '" + files_->paths()[here.file] + "'";
}

std::int64_t Column::block_rows() const { return as_it_lies_ ? 0 : plans_.front().block_rows; }

Column::Place Column::place(std::int64_t position) const {
  const std::size_t file = part_at(starts_, position);
  const std::int64_t row = position - starts_[file];
  const BlockPlan& plan = plans_[file];
  const std::int64_t block = row / plan.block_rows, within = row % plan.block_rows;
  return {file, block, within, std::min(plan.block_rows - within, plan.rows - row)};
}

Column::Place Column::place_in_file(std::int64_t position) const {
  Place here = place(position);
  here.row = position - starts_[here.file];
  here.left = plans_[here.file].rows - here.row;
  return here;
}

Tensor Column::read_once(const Reading& reading, std::size_t file, std::int64_t number) const {
  const BlockPlan& plan = plans_[file];
  reading.context.run.ledger().note(reading.node, "decoded", std::max<std::int64_t>(plan.chunks, 1));
  return read_block(files_->stage(), *files_->array(file, name_), plan, number);
}

/// A block that one reader wants as a whole is kept from the second time on: one pass needs no more memory than its
/// batches, later ones find it.
bool Column::first_time(std::size_t file, std::int64_t number) const {
  const auto mark = static_cast<std::size_t>(first_[file] + number) % seen_.size();
  return !seen_[mark].exchange(true, std::memory_order_relaxed);
}

/// Who reads in order and finds that another thread makes the block makes the next one, which will be wanted.
Block Column::block(const Reading& reading, std::size_t file, std::int64_t number, bool in_order) const {
  Run& run = reading.context.run;
  const BlockPlan& plan = plans_[file];
  const std::int64_t bytes = plan.block_rows * row_bytes();
  if (bytes > run.memory_limit())
    throw MemoryLimitError(sentence(files_->stage(), "the rows that '", name_,
                                    "' is decoded by must fit in memory_limit, ", run.memory_limit(), " bytes, got ",
                                    bytes, "; raise it with with_options, or repack the file in smaller chunks"));
  run.share_memory_with_cache();
  const std::int64_t room = run.memory_for_cache();
  const auto make = [&] { return read_once(reading, file, number); };
  const auto make_next = [&] {
    if (number + 1 == plan.blocks || 2 * bytes > room) return;
    try {
      block(reading, file, number + 1, false);
    } catch (const IoError&) {  // it is met again where it is wanted
    } catch (const std::bad_alloc&) {
    }
  };
  return BlockCache::shared().get(caches_[file], number, room, make,
                                  in_order ? std::function<void()>(make_next) : nullptr);
}

Tensor Column::gather(const Reading& reading, const Positions& positions) const {
  if (mapped_.size() == 1) return headrace::gather(mapped_.front(), positions);
  if (positions.count > 0 && !positions.list && (positions.step == 1 || positions.count == 1)) {
    const Place in_file = place_in_file(positions.start), in_block = place(positions.start);
    if (!mapped_.empty() && in_file.left >= positions.count)
      return mapped_[in_file.file].rows(in_file.row, positions.count);
    if (!as_it_lies_ && in_block.left >= positions.count) {
      const bool whole = in_block.row == 0 && in_block.left == positions.count && positions.count > 1;
      if (whole && first_time(in_block.file, in_block.block)) return read_once(reading, in_block.file, in_block.block);
      return block(reading, in_block.file, in_block.block, true)->rows(in_block.row, positions.count);
    }
  }
  return row_.dtype.variable_length() ? texts(reading, positions) : Component::gather(reading, positions);
}

/// Texts of several blocks: their heaps are joined.
Tensor Column::texts(const Reading& reading, const Positions& positions) const {
  std::vector<Tensor> parts;
  each_run(
      positions, [&](std::int64_t position) { return place(position); },
      [&](const Place& here, std::int64_t, std::int64_t n) {
        parts.push_back(block(reading, here.file, here.block, !positions.list)->rows(here.row, n));
      });
  return parts.empty() ? Tensor::empty(row_.dtype, row_.shape.with_front(0)) : concatenate(parts);
}

void Column::gather_as_it_lies(const Positions& positions, const Tensor& column, const Positions& to) const {
  const auto place_of = [&](std::int64_t position) { return place_in_file(position); };
  each_run(positions, place_of, [&](const Place& here, std::int64_t first, std::int64_t n) {
    if (!mapped_.empty())
      return copy_rows(mapped_[here.file], Positions::range(here.row, n), column, to.slice(first, n));
    const auto array = files_->array(here.file, name_);
    const bool in_order = !to.list && to.step == 1 && column.is_contiguous();
    for (std::int64_t i = 0; i < n; i += in_order ? n : 1) {
      const std::int64_t count = in_order ? n : 1;
      read_contiguous(files_->stage(), *array, here.row + i, column.rows(to[first + i], count));
    }
  });
}

/// Small chunks that are wanted whole are decoded where their rows are to be, and not kept. The number of rows done.
std::int64_t Column::decode_in_place(const Reading& reading, const Place& here, const Tensor& rows) const {
  const BlockPlan& plan = plans_[here.file];
  const std::int64_t whole = std::min(rows.shape()[0], plan.rows - here.block * plan.block_rows) / plan.block_rows;
  if (here.row > 0 || whole == 0 || !one_chunk_ || plan.block_rows * row_bytes() > kSmallBlock) return 0;
  Block kept;
  BlockCache::shared().find(caches_[here.file], {&here.block, 1}, {&kept, 1});
  if (kept) return 0;
  const std::int64_t count = whole * plan.block_rows;
  reading.context.run.ledger().note(reading.node, "decoded", whole);
  read_blocks_into(files_->stage(), *files_->array(here.file, name_), plan, here.block, rows.rows(0, count));
  return count;
}

void Column::gather_range(const Reading& reading, const Positions& positions, const Tensor& column,
                          const Positions& to) const {
  const bool in_place = !to.list && to.step == 1 && column.is_contiguous();
  for (std::int64_t i = 0; i < positions.count;) {
    const Place here = place(positions[i]);
    std::int64_t done = in_place ? decode_in_place(reading, here, column.rows(to[i], positions.count - i)) : 0;
    if (done == 0) {
      done = std::min(here.left, positions.count - i);
      copy_rows(*block(reading, here.file, here.block, true), Positions::range(here.row, done), column,
                to.slice(i, done));
    }
    i += done;
  }
}

void Column::gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                         const Positions& to) const {
  if (as_it_lies_) return gather_as_it_lies(positions, column, to);
  if (!positions.list && positions.step == 1) return gather_range(reading, positions, column, to);
  gather_strewn(reading, positions, column, to);
}

}  // namespace headrace::hdf5
