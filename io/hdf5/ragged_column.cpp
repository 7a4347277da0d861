#include <headrace/io/hdf5/ragged_column.hpp>

#include <algorithm>

#include <headrace/pipeline/run.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

namespace {

/// Of one reference.
Tensor sequence(std::string_view stage, const Array& array, const Tensor& reference, std::int64_t memory_limit) {
  const auto& [dtype, axes] = *array.info().sequences;
  const Tensor splits = array.sequence_splits(stage, reference);
  const Shape shape = axes.with_front(splits.values<std::int64_t>()[1]);
  const std::int64_t bytes = element_count(shape) * dtype.itemsize();
  if (bytes > memory_limit)
    throw MemoryLimitError(sentence(stage, "a row must fit in memory_limit, ", memory_limit, " bytes, got ", bytes,
                                    " of '", array.info().name, "' in '", array.file_path(),
                                    "'; raise it with with_options"));
  Tensor row = Tensor::empty(dtype, shape);
  array.read_sequences(stage, reference, row);
  return row;
}

}  // namespace

RaggedColumn::RaggedColumn(std::shared_ptr<const FileSet> files, std::string name, bool mmap)
    : Component(name), files_(files), references_(std::move(files), std::move(name), mmap) {
  starts_ = references_.starts();
  for (std::size_t file = 0; file < files_->paths().size(); ++file) {
    const ArrayInfo info = files_->array(file, name_)->info();
    require<TypeError>(info.rank == 1, files_->stage(), "a dataset of sequences must have one axis, got ",
                       to_string(info.shape), " of '", name_, "' in '", files_->paths()[file], "'");
    if (file == 0) row_ = row_of(info);
    row_bytes_ = std::max(row_bytes_, info.item_bytes + info.heap_bytes);
    slow_ = slow_ || !info.slow_because.empty();
  }
}

std::string RaggedColumn::path() const {
  const std::string path = references_.path();
  return slow_ ? path : "sequences, which are read one by one; what refers to them " + path;
}

void RaggedColumn::gather_into(const Reading&, const Positions&, const Tensor&, const Positions&) const {
  throw StateError(sentence(files_->stage(), "sequences of '", name_, "' have no common shape"));
}

std::vector<Tensor> RaggedColumn::list(const Reading& reading, const Positions& positions) const {
  std::vector<Tensor> rows;
  rows.reserve(static_cast<std::size_t>(positions.count));
  const Tensor references = slow_ ? Tensor() : references_.gather(reading, positions);
  std::shared_ptr<const Array> array;
  std::size_t opened = 0;
  for (std::int64_t i = 0; i < positions.count; ++i) {
    const std::size_t file = part_at(starts_, positions[i]);
    if (!array || file != opened) array = files_->array(opened = file, name_);
    rows.push_back(slow_
                       ? array->read_sequence_rows(files_->stage(), positions[i] - starts_[file], 1).values()
                       : sequence(files_->stage(), *array, references.rows(i, 1), reading.context.run.memory_limit()));
  }
  return rows;
}

}  // namespace headrace::hdf5
