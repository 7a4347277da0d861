#include <headrace/io/read_hdf5.hpp>

#include <algorithm>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace {

namespace {

constexpr const char* kName = "read_hdf5";

/// Rows [begin, end), block by block, on all threads.
Tensor read_rows(const hdf5::Array& array, std::int64_t begin, std::int64_t end) {
  const hdf5::ArrayInfo& info = array.info();
  const hdf5::BlockPlan plan(info);
  if (plan.chunks == 0 && !hdf5::lies_as_it_is(info)) return array.read_rows(kName, begin, end - begin);
  Tensor rows = Tensor::empty(info.dtype, info.shape.tail().with_front(end - begin));
  if (rows.size() == 0) return rows;
  const std::int64_t first = begin / plan.block_rows, last = (end - 1) / plan.block_rows;
  pool::parallel_for(last - first + 1, 1, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t block = first + from; block < first + to; ++block) {
      const std::int64_t start = std::max(block * plan.block_rows, begin);
      const std::int64_t stop = std::min((block + 1) * plan.block_rows, end);
      const Tensor part = rows.rows(start - begin, stop - start);
      if (hdf5::lies_as_it_is(info))
        hdf5::read_contiguous(kName, array, start, part);
      else if (plan.is_one_chunk(info) && stop - start == plan.block_rows)
        hdf5::read_blocks_into(kName, array, plan, block, part);
      else
        copy(hdf5::read_block(kName, array, plan, block).rows(start - block * plan.block_rows, stop - start), part);
    }
  });
  return rows;
}

/// All of it; a scalar without axes.
Tensor read_all(const hdf5::Array& array) {
  const Shape& shape = array.info().shape;
  if (array.info().rank == 0) return array.read_rows(kName, 0, 1).row(0);
  return read_rows(array, 0, shape[0]);
}

std::vector<std::pair<std::string, Tensor>> attributes_of(const hdf5::File& file, const std::string& object) {
  std::vector<std::pair<std::string, Tensor>> attributes;
  for (auto& [name, value] : file.attributes(kName, object)) attributes.emplace_back(name, std::move(value));
  return attributes;
}

Hdf5Group read_group(const hdf5::File& file, const std::string& group) {
  Hdf5Group result;
  result.attributes = attributes_of(file, group);
  for (const hdf5::Member& member : file.members(kName, group, false)) {
    const std::string key = member.name.substr(member.name.rfind('/') + 1);
    if (member.group) {
      result.groups.emplace_back(key, read_group(file, member.name));
      continue;
    }
    result.arrays.emplace_back(key, read_all(*file.array(kName, member.name)));
    auto attributes = attributes_of(file, member.name);
    if (!attributes.empty()) result.array_attributes.emplace_back(key, std::move(attributes));
  }
  return result;
}

}  // namespace

Tensor read_hdf5(const std::string& path, const std::string& dataset, std::optional<Hdf5Rows> rows, bool trusted) {
  const auto file = hdf5::File::open(kName, path, trusted);
  const auto array = file->array(kName, dataset);
  if (!rows) return read_all(*array);
  const std::int64_t count = array->info().rank == 0 ? 0 : array->info().shape[0];
  require<IndexError>(0 <= rows->begin && rows->begin <= rows->end && rows->end <= count, kName,
                      "rows must lie in the ", count, " of '", dataset, "', got [", rows->begin, ", ", rows->end, ")");
  return read_rows(*array, rows->begin, rows->end);
}

Hdf5Group read_hdf5_group(const std::string& path, const std::string& group, bool trusted) {
  return read_group(*hdf5::File::open(kName, path, trusted), group);
}

std::optional<std::int64_t> hdf5_rows(const std::string& path, const std::string& name, bool trusted) {
  const auto file = hdf5::File::open(kName, path, trusted);
  if (file->is_group(kName, name)) return std::nullopt;
  const auto array = file->array(kName, name);
  return array->info().rank == 0 ? -1 : array->info().shape[0];
}

}  // namespace headrace
