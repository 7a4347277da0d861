#include <headrace/io/write_npy.hpp>

#include <algorithm>

#include <headrace/io/npy.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

constexpr const char* kStage = "write_npy";
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20;

/// What is known of the rows that may be written.
TensorSpec checked_row(const Dataset& dataset) {
  require(dataset.cardinality() != kInfinite, kStage, "the dataset must end, got an infinite one; use take()");
  const Spec row = dataset.element_spec();
  require(row.structure->kind() == Structure::Kind::leaf && row.components.size() == 1, kStage,
          "elements must be one array, got ", row.to_string(),
          "; choose one in map, or use write_hdf5 or save for several");
  require<TypeError>(!row.components[0].dtype.variable_length(), kStage, "rows must be of a dtype of fixed size, got ",
                     row.to_string(),
                     "; make it fixed-width text in map, np.array(x, 'U20'), or use write_hdf5 or save");
  require(row.components[0].fully_known(), kStage, "rows must be of one shape, got ", row.to_string(),
          "; use padded_batch and unbatch, write_hdf5 or save, or output_signature in map to say their sizes");
  return row.components[0];
}

/// Text of a batch may be narrower than what was announced.
Tensor in_dtype(const Tensor& rows, const TensorSpec& row) {
  const bool text = row.dtype.kind() == Kind::fixed_bytes || row.dtype.kind() == Kind::fixed_text;
  const bool narrower =
      text && rows.dtype().kind() == row.dtype.kind() && rows.dtype().itemsize() < row.dtype.itemsize();
  require(narrower || (rows.dtype() == row.dtype && rows.shape().tail() == row.shape), kStage,
          "rows must be of one dtype and shape, got ", TensorSpec{rows.dtype(), rows.shape().tail()}.to_string(),
          " after ", row.to_string(), "; make them alike in map");
  return narrower ? widen(rows, row.dtype) : rows;
}

}  // namespace

void write_npy(const Dataset& dataset, std::int64_t epoch, const std::vector<std::int64_t>& seeds,
               const std::string& path, const std::function<void(std::int64_t rows)>& progress) {
  require(!path.empty(), kStage, "path must name a file, got ''");
  const TensorSpec row = checked_row(dataset);
  NpyWriter writer(path);
  writer.append(Tensor::empty(row.dtype, row.shape.with_front(0)));  // no row may come
  const Batch blocks{std::max<std::int64_t>(kBlockBytes / std::max<std::int64_t>(row.nbytes(), 1), 1)};
  Iterator iterator((dataset | blocks).node_ptr(), epoch, seeds);
  for (;;) {
    const RowView view = iterator.peek();
    if (view.empty()) break;
    if (const FailurePtr failure = view.failure(0)) throw Failed{failure};
    const Element block = view.element(0);
    iterator.advance();
    Host::current().poll();
    writer.append(in_dtype(block.tensor(), row));
    if (progress) progress(writer.rows());
  }
  writer.close();
}

void write_npy(Dataset& dataset, const std::string& path, const std::function<void(std::int64_t rows)>& progress) {
  const std::int64_t epoch = dataset.next_epoch();
  dataset.set_next_epoch(epoch + 1);
  try {
    write_npy(dataset, epoch, {}, path, progress);
  } catch (const Failed& failed) {
    std::rethrow_exception(failed.failure->error);
  }
}

}  // namespace headrace
