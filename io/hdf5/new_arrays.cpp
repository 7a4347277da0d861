#include <headrace/io/hdf5/new_arrays.hpp>

#include <algorithm>

#include <headrace/io/hdf5/names.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::int64_t kChunkBytes = std::int64_t{1} << 19;
constexpr std::int64_t kSequenceBytes = std::int64_t{1} << 10;

/// The filters of a component, in the order in which h5py puts them.
std::vector<Filter> filters_for(const ChunkLayout& layout, DType dtype, std::int64_t chunk_bytes) {
  std::vector<Filter> filters;
  const auto itemsize = static_cast<unsigned>(std::max<std::int64_t>(dtype.itemsize(), 1));
  if (layout.compression && layout.shuffle) filters.push_back({kShuffle, "shuffle", {itemsize}});
  if (layout.compression == "gzip") filters.push_back({kGzip, "deflate", {static_cast<unsigned>(layout.level)}});
  if (layout.compression == "lzf") filters.push_back({kLzf, "lzf", {4, 0x0105, static_cast<unsigned>(chunk_bytes)}});
  if (layout.checksum) filters.push_back({kFletcher32, "fletcher32", {}});
  return filters;
}

/// Of sequences a guess: nobody knows how long they are.
std::int64_t row_bytes(const TensorSpec& component) {
  return component.fully_known() ? std::max<std::int64_t>(component.nbytes(), 1) : kSequenceBytes;
}

}  // namespace

Spec require_writable(std::string_view stage, const Dataset& rows) {
  require(rows.cardinality() != kInfinite, stage, "the dataset must end, got an infinite one; use take()");
  const Spec row = rows.element_spec();
  require<TypeError>(!row.structure->holds_values(), stage, "elements must be arrays, got ", row.to_string());
  require(!row.components.empty(), stage, "elements must have a component, got ", row.to_string());
  for (const TensorSpec& component : row.components) {
    if (component.fully_known()) continue;
    const TensorSpec item{component.dtype, component.shape.tail()};
    require(item.fully_known(), stage, "rows may differ in their first size alone, got ", row.to_string(),
            "; use padded_batch and unbatch, or output_signature in map to say their sizes");
    require<TypeError>(!item.dtype.variable_length() && item.dtype.kind() != Kind::fixed_text, stage,
                       "rows of text must be of one length, got ", row.to_string(),
                       "; make them one with padded_batch and unbatch");
  }
  return row;
}

std::vector<NewArray> arrays_for(std::string_view stage, const Spec& row, const ChunkLayout& layout) {
  std::int64_t largest = 1;
  for (const TensorSpec& component : row.components) largest = std::max(largest, row_bytes(component));
  const std::int64_t most = layout.rows < 0 ? INT64_MAX : std::max<std::int64_t>(layout.rows, 1);
  const std::int64_t rows =
      layout.chunk_rows.value_or(std::min(std::max<std::int64_t>(kChunkBytes / largest, 1), most));
  const std::vector<std::string> names = array_names(stage, *row.structure);
  std::vector<NewArray> arrays;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const TensorSpec& component = row.components[i];
    require(row_bytes(component) <= INT64_MAX / rows && row_bytes(component) * rows < (std::int64_t{1} << 32), stage,
            "a chunk must be below 4 GiB, got ", rows, " rows of ", row_bytes(component), " bytes; lower chunk_rows");
    NewArray& array = arrays.emplace_back(NewArray{names[i], component.dtype, component.shape, rows});
    array.sequences = !component.fully_known();
    if (array.sequences) array.row = component.shape.tail();
    if (!array.sequences && !component.dtype.variable_length())
      array.filters = filters_for(layout, component.dtype, row_bytes(component) * rows);
  }
  return arrays;
}

}  // namespace headrace::hdf5
