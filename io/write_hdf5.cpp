#include <headrace/io/write_hdf5.hpp>

#include <headrace/io/hdf5/chunks.hpp>
#include <headrace/io/hdf5/names.hpp>
#include <headrace/io/hdf5/new_arrays.hpp>
#include <headrace/io/structure_json.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

constexpr const char* kStage = "write_hdf5";

void check(const Hdf5Options& options, const std::string& path) {
  require(!path.empty(), kStage, "path must name a file, got ''");
  require(!options.chunk_rows || *options.chunk_rows >= 1, kStage, "chunk_rows must be >= 1, got ",
          options.chunk_rows.value_or(0));
  require(!options.compression || options.compression == "gzip" || options.compression == "lzf", kStage,
          "compression must be 'gzip', 'lzf' or None, got '", options.compression.value_or(""), "'");
  require(options.level >= 0 && options.level <= 9, kStage, "level must be 0 to 9, got ", options.level);
}

}  // namespace

void write_hdf5(const Dataset& dataset, std::int64_t epoch, const std::vector<std::int64_t>& seeds,
                const std::string& path, const Hdf5Options& options) {
  check(options, path);
  const Spec row = hdf5::require_writable(kStage, dataset);
  const std::vector<hdf5::NewArray> arrays =
      hdf5::arrays_for(kStage, row,
                       {options.chunk_rows, options.compression, options.level, options.shuffle, options.checksum,
                        dataset.cardinality()});
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
    rows += hdf5::append(output, 0, arrays, chunk);
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
