#include <headrace/io/write_hdf5.hpp>

#include <algorithm>

#include <headrace/io/hdf5/chunks.hpp>
#include <headrace/io/hdf5/names.hpp>
#include <headrace/io/structure_json.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

constexpr const char* kStage = "write_hdf5";
constexpr std::int64_t kChunkBytes = std::int64_t{1} << 19;
constexpr std::int64_t kSequenceBytes = std::int64_t{1} << 10;

/// The filters of a component, in the order in which h5py puts them.
std::vector<hdf5::Filter> filters_for(const Hdf5Options& options, DType dtype, std::int64_t chunk_bytes) {
  std::vector<hdf5::Filter> filters;
  const auto itemsize = static_cast<unsigned>(std::max<std::int64_t>(dtype.itemsize(), 1));
  if (options.compression && options.shuffle) filters.push_back({hdf5::kShuffle, "shuffle", {itemsize}});
  if (options.compression == "gzip")
    filters.push_back({hdf5::kGzip, "deflate", {static_cast<unsigned>(options.level)}});
  if (options.compression == "lzf")
    filters.push_back({hdf5::kLzf, "lzf", {4, 0x0105, static_cast<unsigned>(chunk_bytes)}});
  if (options.checksum) filters.push_back({hdf5::kFletcher32, "fletcher32", {}});
  return filters;
}

/// Of sequences a guess: nobody knows how long they are.
std::int64_t row_bytes(const TensorSpec& component) {
  return component.fully_known() ? std::max<std::int64_t>(component.nbytes(), 1) : kSequenceBytes;
}

void check(const Hdf5Options& options, const std::string& path) {
  require(!path.empty(), kStage, "path must name a file, got ''");
  require(!options.chunk_rows || *options.chunk_rows >= 1, kStage, "chunk_rows must be >= 1, got ",
          options.chunk_rows.value_or(0));
  require(!options.compression || options.compression == "gzip" || options.compression == "lzf", kStage,
          "compression must be 'gzip', 'lzf' or None, got '", options.compression.value_or(""), "'");
  require(options.level >= 0 && options.level <= 9, kStage, "level must be 0 to 9, got ", options.level);
}

/// What is known of rows that may be written.
Spec checked_spec(const Dataset& dataset) {
  require(dataset.cardinality() != kInfinite, kStage, "the dataset must end, got an infinite one; use take()");
  const Spec row = dataset.element_spec();
  require<TypeError>(!row.structure->holds_values(), kStage, "elements must be arrays, got ", row.to_string());
  require(!row.components.empty(), kStage, "elements must have a component, got ", row.to_string());
  for (const TensorSpec& component : row.components) {
    if (component.fully_known()) continue;
    const TensorSpec item{component.dtype, component.shape.tail()};
    require(item.fully_known(), kStage, "rows may differ in their first size alone, got ", row.to_string(),
            "; use padded_batch and unbatch, or output_signature in map to say their sizes");
    require<TypeError>(!item.dtype.variable_length() && item.dtype.kind() != Kind::fixed_text, kStage,
                       "rows of text must be of one length, got ", row.to_string(),
                       "; make them one with padded_batch and unbatch");
  }
  return row;
}

std::vector<hdf5::NewArray> arrays_for(const Spec& row, const Hdf5Options& options) {
  std::int64_t largest = 1;
  for (const TensorSpec& component : row.components) largest = std::max(largest, row_bytes(component));
  const std::int64_t rows = options.chunk_rows.value_or(std::max<std::int64_t>(kChunkBytes / largest, 1));
  const std::vector<std::string> names = hdf5::array_names(kStage, *row.structure);
  std::vector<hdf5::NewArray> arrays;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const TensorSpec& component = row.components[i];
    require(row_bytes(component) <= INT64_MAX / rows && row_bytes(component) * rows < (std::int64_t{1} << 32), kStage,
            "a chunk must be below 4 GiB, got ", rows, " rows of ", row_bytes(component), " bytes; lower chunk_rows");
    hdf5::NewArray& array = arrays.emplace_back(hdf5::NewArray{names[i], component.dtype, component.shape, rows});
    array.sequences = !component.fully_known();
    if (array.sequences) array.row = component.shape.tail();
    if (!array.sequences && !component.dtype.variable_length())
      array.filters = filters_for(options, component.dtype, row_bytes(component) * rows);
  }
  return arrays;
}

}  // namespace

void write_hdf5(const Dataset& dataset, std::int64_t epoch, const std::vector<std::int64_t>& seeds,
                const std::string& path, const Hdf5Options& options) {
  check(options, path);
  const Spec row = checked_spec(dataset);
  const std::vector<hdf5::NewArray> arrays = arrays_for(row, options);
  const Dataset chunks = hdf5::in_chunks(kStage, dataset, row, arrays);
  hdf5::Output output(kStage, path);
  for (const hdf5::NewArray& array : arrays) output.add(array);
  output.set_attribute("/", hdf5::kStructureAttribute, Tensor::text_scalar(structure_to_json(*row.structure)));
  for (const auto& [name, value] : options.attributes) output.set_attribute("/", name, value);
  Iterator iterator(chunks.node_ptr(), epoch, seeds);
  std::int64_t rows = 0;
  for (;;) {
    const RowView row_view = iterator.peek();
    if (row_view.empty()) break;
    if (const FailurePtr failure = row_view.failure(0)) throw Failed{failure};
    const Element chunk = row_view.element(0);
    iterator.advance();
    Host::current().poll();
    const auto count = chunk.components[0].item<std::int64_t>();
    auto next = chunk.components.begin() + 1;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      const Tensor& part = *next++;
      if (arrays[i].sequences)
        output.append_sequences(i, part, *next++);
      else if (arrays[i].dtype.variable_length())
        output.append_texts(i, part);
      else
        output.append(i, count, {part.data(), static_cast<std::size_t>(part.nbytes())});
    }
    rows += count;
    if (options.progress) options.progress(rows);
  }
  output.finish();
}

void write_hdf5(Dataset& dataset, const std::string& path, const Hdf5Options& options) {
  const std::int64_t epoch = dataset.next_epoch();
  dataset.set_next_epoch(epoch + 1);
  try {
    write_hdf5(dataset, epoch, {}, path, options);
  } catch (const Failed& failed) {
    std::rethrow_exception(failed.failure->error);
  }
}

}  // namespace headrace
