#include <headrace/io/tool/stats.hpp>

#include <algorithm>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/io/tool/moments.hpp>
#include <headrace/io/tool/show.hpp>
#include <headrace/io/tool/sweep.hpp>

namespace headrace::tool {
namespace {

constexpr std::int64_t kTogether = 64;          // blocks of a thread whose moments wait to be joined
constexpr std::int64_t kMostColumns = 1 << 16;  // of one dataset

/// What gets a line: all of a dataset, a field of it, or a place of its rows.
struct Column {
  std::string name;
  DType dtype;
  std::int64_t field_offset = 0;  // records only
  Shape axes;                     // of the field
  std::int64_t place = -1;        // in a row; -1: all of it
};

void add_columns(std::vector<Column>& columns, const std::string& name, DType dtype, std::int64_t offset, Shape axes) {
  if (has_moments(dtype)) {
    columns.push_back({name, dtype, offset, std::move(axes), -1});
    return;
  }
  if (dtype.kind() != Kind::record) return;
  for (const Field& field : dtype.fields())
    if (has_moments(field.dtype) || axes.empty())
      add_columns(columns, name + "." + field.name, field.dtype, offset + field.offset,
                  field.shape.empty() ? axes : Shape(std::span<const std::int64_t>(field.shape)));
}

std::vector<Column> columns_of(const hdf5::ArrayInfo& info, bool each) {
  std::vector<Column> columns;
  if (info.sequences || info.dtype.variable_length()) return columns;
  add_columns(columns, info.name, info.dtype, 0, {});
  if (!each || info.rank < 1 || info.shape.size() < 2 || !has_moments(info.dtype)) return columns;
  const Shape row = info.shape.tail();
  const std::int64_t places = element_count(row);
  require(places <= kMostColumns, Stats::name, "--columns takes ", kMostColumns, " columns at most, got ", places,
          " of '", info.name, "'");
  columns.clear();
  for (std::int64_t place = 0; place < places; ++place) {
    std::string index;
    for (std::int64_t axis = row.size() - 1, rest = place; axis >= 0; rest /= row[static_cast<int>(axis--)])
      index = std::to_string(rest % row[static_cast<int>(axis)]) + (index.empty() ? "" : ",") + index;
    columns.push_back({info.name + "[:," + index + "]", info.dtype, 0, {}, place});
  }
  return columns;
}

/// A column of rows (n, ...), as a view.
Tensor part(const Tensor& rows, const Column& column) {
  if (column.place >= 0) {
    const Tensor flat = rows.reshape({rows.shape()[0], rows.size() / std::max<std::int64_t>(rows.shape()[0], 1)});
    return Tensor::view(flat.buffer(), flat.mutable_data() + column.place * column.dtype.itemsize(), column.dtype,
                        {flat.shape()[0]}, {flat.strides()[0]}, false);
  }
  if (rows.dtype().kind() != Kind::record) return rows;
  Shape shape{rows.size()};
  Strides strides{rows.dtype().itemsize()};
  const Strides inner = contiguous_strides(column.axes, column.dtype.itemsize());
  for (int axis = 0; axis < column.axes.size(); ++axis) {
    shape = shape.with_back(column.axes[axis]);
    strides = strides.with_back(inner[axis]);
  }
  const Tensor gapless = rows.is_contiguous() ? rows : rows.copy();
  return Tensor::view(gapless.buffer(), gapless.mutable_data() + column.field_offset, column.dtype, shape, strides,
                      false);
}

std::string line(const Column& column, const Moments& moments) {
  const bool any = moments.count > 0;
  return printable(column.name) + "\t" + std::to_string(moments.count) + "\t" + std::to_string(moments.nulls) + "\t" +
         (any ? show_number(moments.mean) : "") + "\t" + (any ? show_number(moments.deviation()) : "") + "\t" +
         least_text(moments, column.dtype) + "\t" + most_text(moments, column.dtype) + "\n";
}

}  // namespace

int Stats::run(Console& console) const {
  const auto opened = hdf5::File::open(name, file, false);
  const bool one = !dataset.empty() && !opened->is_group(name, dataset);
  std::vector<std::string> names;
  if (one) names.push_back(dataset);
  if (!one)
    for (const hdf5::Member& member : opened->members(name, dataset.empty() ? "/" : dataset, true))
      if (!member.group && !member.dangling && (member.dtype || member.broken)) names.push_back(member.name);
  jobs_for(name, *this, 1);  // options are looked at before anything is printed
  console.print("name\tcount\tnulls\tmean\tstd\tmin\tmax\n");
  int code = kDone;
  for (const std::string& each : names) {
    try {
      const auto array = opened->array(name, each);
      const std::vector<Column> wanted = columns_of(array->info(), columns);
      require<TypeError>(!one || !wanted.empty(), name, "'", each, "' must hold real numbers, or records of them, got ",
                         array->info().dtype.name());
      if (wanted.empty()) continue;
      const hdf5::BlockPlan plan(array->info());
      const std::int64_t bytes = array->info().item_bytes * element_count(hdf5::dataset_shape(array->info()));
      const std::int64_t block_bytes = bytes / std::max<std::int64_t>(plan.rows, 1) * plan.block_rows;
      const int threads = jobs_for(name, *this, 4 * block_bytes);
      std::vector<Moments> all(wanted.size());
      Progress progress(console, std::string(name) + " " + printable(each), bytes, quiet);
      const std::int64_t group = kTogether * threads;
      for (std::int64_t first = 0; first < plan.blocks; first += group) {
        const std::int64_t count = std::min(group, plan.blocks - first);
        std::vector<std::vector<Moments>> parts(static_cast<std::size_t>(count));
        sweep(threads, count, [&](std::int64_t i) {
          const Tensor rows = hdf5::read_block(name, *array, plan, first + i);
          for (const Column& column : wanted)
            parts[static_cast<std::size_t>(i)].push_back(moments_of(part(rows, column)));
          progress.add(std::min(block_bytes, bytes));
        });
        for (const auto& joined : parts)
          for (std::size_t i = 0; i < all.size(); ++i) all[i].join(joined[i]);
      }
      for (std::size_t i = 0; i < all.size(); ++i) console.print(line(wanted[i], all[i]));
    } catch (const IoError& error) {
      console.say(error.what());
      code = kFailed;
    }
  }
  return code;
}

}  // namespace headrace::tool
