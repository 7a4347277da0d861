#include <headrace/io/npy/column.hpp>

#include <algorithm>
#include <cstring>
#include <mutex>

#include <headrace/io/hdf5/block_cache.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

using hdf5::BlockCache;
using hdf5::Reading;

namespace {

constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20, kMostBlockBytes = std::int64_t{1} << 24;
constexpr std::int64_t kRunBytes = 512;  // of a column, in a block

/// Of an array in Fortran order: as many rows as make runs of some length, and no more than fit.
std::int64_t rows_of_block(const TensorSpec& row, std::int64_t most) {
  const std::int64_t bytes = row.nbytes();
  const std::int64_t rows = std::max(kBlockBytes / bytes, kRunBytes / row.dtype.itemsize());
  return std::max<std::int64_t>(std::min({rows, kMostBlockBytes / bytes, most}), 1);
}

/// Reads that are asked for part by part.
template <class Body>
void each_part(const std::vector<std::int64_t>& starts, const Positions& positions, const Positions& to,
               const Body& body) {
  if (starts.size() == 2) return body(0, positions, to);
  if (!positions.list && positions.step == 1) {
    for (std::int64_t i = 0; i < positions.count;) {
      const std::size_t part = hdf5::part_at(starts, positions[i]);
      const std::int64_t n = std::min(starts[part + 1] - positions[i], positions.count - i);
      body(part, Positions::range(positions[i] - starts[part], n), to.slice(i, n));
      i += n;
    }
    return;
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> sorted;
  for (std::int64_t i = 0; i < positions.count; ++i) sorted.emplace_back(positions[i], to[i]);
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> rows, places;
  for (std::size_t i = 0; i < sorted.size();) {
    const std::size_t part = hdf5::part_at(starts, sorted[i].first);
    rows.clear();
    places.clear();
    for (; i < sorted.size() && sorted[i].first < starts[part + 1]; ++i) {
      rows.push_back(sorted[i].first - starts[part]);
      places.push_back(sorted[i].second);
    }
    const auto count = static_cast<std::int64_t>(rows.size());
    body(part, Positions::of(rows.data(), count), Positions::of(places.data(), count));
  }
}

}  // namespace

/// What becomes of a part once it is read.
struct NpyColumn::State {
  std::mutex mutex;
  std::atomic<bool> checked{false};
  Tensor whole;        // mapped, or inflated
  std::string damage;  // what was found at the first use
};

NpyColumn::NpyColumn(std::shared_ptr<const StampedFiles> files, std::string name, std::vector<NpyPart> parts, bool mmap,
                     std::shared_ptr<InflatedBytes> inflated)
    : Component(std::move(name)),
      files_(std::move(files)),
      parts_(std::move(parts)),
      inflated_(std::move(inflated)),
      mapped_(mmap) {
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const NpyHead& head = parts_[part].head;
    require(!head.shape.empty(), files_->stage(), "an array must have rows, got the scalar ", parts_[part].where);
    const TensorSpec row{head.dtype, head.shape.tail()};
    if (part == 0) row_ = row;
    require(row.dtype == row_.dtype && row.shape == row_.shape, files_->stage(), "rows must be as in ", parts_[0].where,
            ", ", row_.to_string(), ", got ", row.to_string(), " of ", parts_[part].where);
    starts_.push_back(starts_.back() + head.shape.front());
    mapped_ = mapped_ && !is_inflated(part) && !head.reversed();
    states_.push_back(std::make_unique<State>());
  }
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (mapped_)
      states_[part]->whole = view_of(part, files_->map(parts_[part].file), parts_[part].offset);
    else if (parts_[part].head.fortran_order && parts_[part].head.bytes > 0 && !is_inflated(part))
      block_rows_ = std::max(block_rows_, rows_of_block(row_, parts_[part].head.shape.front()));
  }
  while (block_rows_ > 0 && caches_.size() < parts_.size()) caches_.push_back(BlockCache::shared().new_array());
}

NpyColumn::~NpyColumn() {
  for (const std::int64_t cache : caches_) BlockCache::shared().forget(cache);
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (!mapped_ && states_[part]->whole.dtype()) inflated_->fetch_sub(parts_[part].member->size);
  }
}

Strides NpyColumn::fortran_strides(const Shape& shape, std::int64_t itemsize) {
  Strides strides;
  for (const std::int64_t size : shape) {
    strides = strides.with_back(itemsize);
    itemsize *= std::max<std::int64_t>(size, 1);
  }
  return strides;
}

bool NpyColumn::is_inflated(std::size_t part) const {
  return parts_[part].member && parts_[part].member->method == ZipMember::Method::deflated;
}

std::string NpyColumn::path() const {
  if (mapped_) return "mapped";
  if (is_inflated(0)) return "inflated as a whole";
  return block_rows_ > 0 ? "in blocks of " + std::to_string(block_rows_) + " rows: Fortran order"
                         : "where it lies in the file";
}

std::string NpyColumn::row_text(std::size_t part, std::int64_t row) const {
  return "row " + std::to_string(row) + " of " + parts_[part].where;
}

std::string NpyColumn::where(std::int64_t position) const {
  const std::size_t part = hdf5::part_at(starts_, position);
  return row_text(part, position - starts_[part]);
}

Tensor NpyColumn::view_of(std::size_t part, const Buffer& bytes, std::int64_t offset) const {
  const NpyHead& head = parts_[part].head;
  const std::int64_t itemsize = head.dtype.itemsize();
  const Strides strides =
      head.fortran_order ? fortran_strides(head.shape, itemsize) : contiguous_strides(head.shape, itemsize);
  return Tensor::view(bytes, bytes.data() + offset, head.dtype, head.shape, strides, false);
}

Tensor NpyColumn::whole(const Reading& reading, std::size_t part) const {
  State& state = *states_[part];
  if (mapped_) return state.whole;
  const std::lock_guard lock(state.mutex);
  require<IoError>(state.damage.empty(), files_->stage(), state.damage);
  if (state.whole.dtype()) return state.whole;
  try {
    state.whole = inflate(reading, part);
  } catch (const ZipDamage& damage) {
    state.damage = damage.text();
    throw;
  }
  return state.whole;
}

Tensor NpyColumn::inflate(const Reading& reading, std::size_t part) const {
  const NpyPart& from = parts_[part];
  Run& run = reading.context.run;
  run.share_memory_with_cache();
  const std::int64_t size = from.member->size, room = run.memory_for_cache();
  const std::int64_t kept = inflated_->fetch_add(size);
  try {
    if (size > room - from.member->stored || kept > room - from.member->stored - size)
      throw MemoryLimitError(
          sentence(files_->stage(), "compressed arrays must fit in three quarters of memory_limit, ", room,
                   " bytes, got ", size, " of ", from.where, " beside ", kept,
                   " of others; raise it with with_options, or write them by np.savez or write_hdf5, "
                   "which are read by row"));
    const Buffer bytes = Buffer::allocate(static_cast<std::size_t>(size));
    inflate_zip_member(*files_, from.file, *from.member, from.where, {bytes.data(), static_cast<std::size_t>(size)});
    if (from.head.bytes > 0)
      hdf5::put_right(from.head.fixes, from.head.dtype.itemsize(), bytes.data() + from.offset, from.head.bytes);
    return view_of(part, bytes, from.offset);
  } catch (...) {
    inflated_->fetch_sub(size);
    throw;
  }
}

/// The checksum of a stored member, before its first row is given.
void NpyColumn::check(const Reading& reading, std::size_t part) const {
  const NpyPart& from = parts_[part];
  State& state = *states_[part];
  if (!from.member || state.checked.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(state.mutex);
  require<IoError>(state.damage.empty(), files_->stage(), state.damage);
  if (state.checked.load(std::memory_order_relaxed)) return;
  try {
    const auto cancelled = [&] { return reading.context.run.cancelled(); };
    require<StateError>(check_zip_member(*files_, from.file, *from.member, from.where, cancelled), files_->stage(),
                        "the run was cancelled");
  } catch (const ZipDamage& damage) {
    state.damage = damage.text();
    throw;
  }
  state.checked.store(true, std::memory_order_release);
}

Tensor NpyColumn::gather(const Reading& reading, const Positions& positions) const {
  if (positions.count == 0) return Component::gather(reading, positions);
  if (parts_.size() == 1 && in_memory(0)) return headrace::gather(whole(reading, 0), positions);
  if (!positions.list && (positions.step == 1 || positions.count == 1)) {
    const std::size_t part = hdf5::part_at(starts_, positions.start);
    const std::int64_t row = positions.start - starts_[part];
    const bool in_part = positions.count <= starts_[part + 1] - positions.start;
    if (in_part && in_memory(part)) return whole(reading, part).rows(row, positions.count);
    const bool blocks = parts_[part].head.fortran_order && block_rows_ > 0;
    if (in_part && blocks && row / block_rows_ == (row + positions.count - 1) / block_rows_)
      return block(reading, part, row / block_rows_).rows(row % block_rows_, positions.count);
  }
  return Component::gather(reading, positions);
}

void NpyColumn::gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                            const Positions& to) const {
  each_part(starts_, positions, to, [&](std::size_t part, const Positions& rows, const Positions& places) {
    copy_part(reading, part, rows, column, places);
  });
}

void NpyColumn::copy_part(const Reading& reading, std::size_t part, const Positions& rows, const Tensor& column,
                          const Positions& to) const {
  if (rows.count == 0) return;
  if (in_memory(part)) return copy_rows(whole(reading, part), rows, column, to);
  check(reading, part);
  if (row_bytes() == 0) return;
  if (parts_[part].head.fortran_order) return copy_blocks(reading, part, rows, column, to);
  const bool in_order = !rows.list && rows.step == 1 && !to.list && to.step == 1 && column.is_contiguous();
  return in_order ? read_range(part, rows, column, to) : read_strewn(part, rows, column, to);
}

}  // namespace headrace
