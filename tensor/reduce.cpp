// Two ways to go through the items. Along: where reduced axes step least, each result takes runs of them. Across: where
// kept axes do, a tile of results takes row after row. Either way long ones are cut into parts of a fixed length, whose
// totals are joined in order at the end.
#include <headrace/tensor/reduce.hpp>

#include <headrace/tensor/copy_kernels.hpp>
#include <headrace/tensor/elementwise.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/folds.hpp>
#include <headrace/tensor/pool.hpp>
#include <headrace/tensor/walk.hpp>

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace headrace::ops {
namespace {

using detail::Fold;
using detail::kMostAxes;
using LineAxes = detail::Axes<1>;
using LineWalk = detail::Walk<1>;

constexpr std::int64_t kPartItems = std::int64_t{1} << 16;  // along
constexpr std::int64_t kRunItems = detail::kSteppingItems, kShortRun = 64, kGathered = 1024;
constexpr std::int64_t kPartRows = 4096, kBlockRows = 64, kTile = 2048;  // across

/// Which axes go.
std::array<bool, kMostAxes> chosen(std::string_view stage, const Tensor& tensor, const Over& over) {
  const int ndim = tensor.ndim();
  require(ndim <= kMostAxes, stage, "at most ", kMostAxes, " axes, got ", ndim);
  std::array<bool, kMostAxes> result{};
  if (!over.axes) result.fill(true);
  for (const int given : over.axes ? *over.axes : std::vector<int>()) {
    const bool there = given >= -ndim && given < ndim;
    require(there, stage, "an axis must be in [-", ndim, ", ", ndim, "), got ", given);
    const int axis = given < 0 ? given + ndim : given;
    require(!result[axis], stage, "an axis may come once, got ", given, " again");
    result[axis] = true;
  }
  return result;
}

/// One reduction, ready to run.
struct Job {
  const Fold& items;   // of the tensor's dtype
  const Fold& totals;  // of the dtype held
  std::int64_t held;   // its bytes
  std::int64_t itemsize;
  const std::byte* base;
  LineAxes kept, reduced;

  void run(std::byte* out) const;

 private:
  void along(std::byte* out) const;
  void across(std::byte* out) const;
  void fold_part(std::byte* total, const std::byte* from, std::int64_t begin, std::int64_t end) const;
  void fold_rows(std::byte* out, const std::byte* from, std::int64_t begin, std::int64_t end, std::int64_t tile) const;
  /// body(begin, end) over `tasks` that read all items, on the pool where that is worth it.
  void share(std::int64_t tasks, const std::function<void(std::int64_t, std::int64_t)>& body) const;
};

void Job::share(std::int64_t tasks, const std::function<void(std::int64_t, std::int64_t)>& body) const {
  const std::int64_t size = kept.size() * reduced.size();
  if (size < detail::kParallelBytes / itemsize) return body(0, tasks);
  const std::int64_t a_task = std::max<std::int64_t>(size / tasks * itemsize, 1);
  pool::parallel_for(tasks, std::max<std::int64_t>(detail::kPieceBytes / a_task, 1), body);
}

void Job::run(std::byte* out) const {
  const bool rows = kept.count() > 0 && reduced.count() > 0 && std::abs(kept.steps()[0]) < reduced.steps()[0];
  rows ? across(out) : along(out);
}

void Job::along(std::byte* out) const {
  const std::int64_t parts = (reduced.size() - 1) / kPartItems + 1;
  const Buffer partial = parts > 1 ? Buffer::allocate(static_cast<std::size_t>(kept.size() * parts * held)) : Buffer();
  std::byte* const to = parts > 1 ? partial.data() : out;
  share(kept.size() * parts, [&](std::int64_t begin, std::int64_t end) {
    LineWalk walk(kept, {base}, begin / parts);
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t part = task % parts, first = part * kPartItems;
      fold_part(to + task * held, walk.places()[0], first, std::min(first + kPartItems, reduced.size()));
      if (part + 1 == parts && task + 1 < end) walk.advance(1);
    }
  });
  if (parts == 1) return;
  for (std::int64_t i = 0; i < kept.size(); ++i) totals.run(out + i * held, to + i * parts * held, held, parts);
}

/// Items [begin, end) of the reduced axes to one. Short runs are laid side by side first.
void Job::fold_part(std::byte* total, const std::byte* from, std::int64_t begin, std::int64_t end) const {
  const std::int64_t step = reduced.steps()[0], run = reduced.run();
  if (reduced.count() <= 1 && end - begin <= kRunItems) return items.run(total, from + begin * step, step, end - begin);
  constexpr std::int64_t most = kPartItems / kShortRun + 2;
  alignas(64) std::byte done[most * 8], gathered[kGathered * 8];
  std::int64_t count = 0, waiting = 0;
  LineWalk walk(reduced, {from}, begin);
  while (begin < end) {
    const std::int64_t size = std::min({walk.left(), end - begin, run < kShortRun ? kGathered - waiting : kRunItems});
    if (run < kShortRun) {
      items.first(gathered + waiting * held, walk.places()[0], step, size);
      waiting += size;
    } else {
      items.run(done + count++ * held, walk.places()[0], step, size);
    }
    begin += size;
    if (waiting == kGathered || (begin == end && waiting > 0)) {
      totals.run(done + count++ * held, gathered, held, waiting);
      waiting = 0;
    }
    if (begin < end) walk.advance(size);
  }
  totals.run(total, done, held, count);
}

void Job::across(std::byte* out) const {
  const std::int64_t parts = (reduced.size() - 1) / kPartRows + 1;
  const std::int64_t tiles = (kept.run() - 1) / kTile + 1, lines = kept.size() / kept.run();
  const std::int64_t results = kept.size() * held;  // bytes
  const Buffer partial = parts > 1 ? Buffer::allocate(static_cast<std::size_t>(results * parts)) : Buffer();
  std::byte* const to = parts > 1 ? partial.data() : out;
  share(lines * tiles * parts, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t part = task % parts, place = task / parts, first = place % tiles * kTile;
      const std::int64_t position = place / tiles * kept.run() + first, row = part * kPartRows;
      const LineWalk walk(kept, {base}, position);
      fold_rows(to + part * results + position * held, walk.places()[0], row, std::min(row + kPartRows, reduced.size()),
                std::min(kTile, kept.run() - first));
    }
  });
  if (parts == 1) return;
  totals.first(out, to, held, kept.size());
  for (std::int64_t part = 1; part < parts; ++part) totals.join(out, to + part * results, held, kept.size());
}

/// Rows [begin, end) of the reduced axes, each of `tile` items, to one row: blocks of some, then the blocks.
void Job::fold_rows(std::byte* out, const std::byte* from, std::int64_t begin, std::int64_t end,
                    std::int64_t tile) const {
  alignas(64) std::byte block[kTile * 8];
  const std::int64_t step = kept.steps()[0], start = begin;
  LineWalk walk(reduced, {from}, begin);
  while (begin < end) {
    const std::int64_t first = begin, stop = std::min(begin + kBlockRows, end);
    std::byte* const to = first == start ? out : block;
    while (begin < stop) {
      const std::int64_t rows = begin > first && std::min(walk.left(), stop - begin) >= 4 ? 4 : 1;
      if (rows == 4) {
        items.join_four(to, walk.places()[0], step, tile, reduced.steps()[0]);
      } else {
        (begin == first ? items.first : items.join)(to, walk.places()[0], step, tile);
      }
      begin += rows;
      if (begin < end) walk.advance(rows);
    }
    if (to == block) totals.join(out, block, held, tile);
  }
}

/// The reduced axes in the order of their steps, all forwards.
void add_reduced(Job& job, std::array<LineAxes::Axis, kMostAxes>& axes, int count) {
  for (int i = 0; i < count; ++i) {
    auto& [size, steps] = axes[i];
    if (steps[0] >= 0) continue;
    job.base += (size - 1) * steps[0];
    steps[0] = -steps[0];
  }
  const auto before = [](const auto& a, const auto& b) { return a.steps[0] < b.steps[0]; };
  for (auto axis = axes.begin(); axis != axes.begin() + count; ++axis)  // few: sorted in place, without memory
    std::rotate(std::upper_bound(axes.begin(), axis, *axis, before), axis, axis + 1);
  for (int i = 0; i < count; ++i) job.reduced.add(axes[i].size, axes[i].steps);
}

struct Reduction {
  std::string_view name;
  const detail::FoldTable& items;
  const detail::FoldTable& totals;
  bool of_nothing;  // has a value
};

/// The totals, held as `held`; `count` becomes the number of items in each.
Tensor reduce(const Reduction& how, const Tensor& tensor, const Over& over, DType held, std::int64_t& count) {
  const auto goes = chosen(how.name, tensor, over);
  const DType dtype = tensor.dtype();
  Job job{how.items[detail::column(dtype)].pick(),
          how.totals[detail::column(held)].pick(),
          held.itemsize(),
          dtype.itemsize(),
          tensor.data(),
          {},
          {}};
  Shape shape;
  std::array<LineAxes::Axis, kMostAxes> reduced;
  int reduced_count = 0;
  for (int axis = 0; axis < tensor.ndim(); ++axis) {
    if (!goes[axis] || over.keepdims) shape = shape.with_back(goes[axis] ? 1 : tensor.shape()[axis]);
    if (goes[axis]) reduced[reduced_count++] = {tensor.shape()[axis], {tensor.strides()[axis]}};
  }
  for (int axis = tensor.ndim() - 1; axis >= 0; --axis)
    if (!goes[axis]) job.kept.add(tensor.shape()[axis], {tensor.strides()[axis]});
  std::int64_t product = 1;
  for (int i = 0; i < reduced_count; ++i) product *= reduced[i].size;
  count = product;
  Tensor result = Tensor::empty(held, shape);
  require(count > 0 || how.of_nothing, how.name, "each result needs at least one item, got shape ",
          to_string(tensor.shape()));
  if (job.kept.size() == 0) return result;
  if (count == 0) return Tensor::zeros(held, shape);
  add_reduced(job, reduced, reduced_count);
  job.run(result.mutable_data());
  return result;
}

bool is_float(DType dtype) { return dtype == float32 || dtype == float64; }

DType checked(std::string_view stage, const Tensor& tensor) {
  const Operand operand(tensor);
  return result_type(stage, {&operand});
}

Tensor extreme(std::string_view name, const detail::FoldTable& folds, const Tensor& tensor, const Over& over) {
  std::int64_t count = 0;
  return reduce({name, folds, folds, false}, tensor, over, checked(name, tensor), count);
}

}  // namespace

Tensor sum(const Tensor& tensor, const Over& over) {
  const DType dtype = checked("sum", tensor);
  const DType held = is_float(dtype) ? float64 : dtype.kind() >= Kind::uint8 ? uint64 : int64;
  std::int64_t count = 0;
  const Tensor total = reduce({"sum", detail::sum_folds, detail::sum_folds, true}, tensor, over, held, count);
  return dtype == float32 ? cast(total, float32) : total;
}

Tensor mean(const Tensor& tensor, const Over& over) {
  const DType dtype = checked("mean", tensor);
  std::int64_t count = 0;
  const Tensor total = reduce({"mean", detail::mean_folds, detail::mean_folds, true}, tensor, over, float64, count);
  const Tensor result = divide(total, static_cast<double>(count));
  return dtype == float32 ? cast(result, float32) : result;
}

Tensor min(const Tensor& tensor, const Over& over) { return extreme("min", detail::min_folds, tensor, over); }
Tensor max(const Tensor& tensor, const Over& over) { return extreme("max", detail::max_folds, tensor, over); }

}  // namespace headrace::ops
