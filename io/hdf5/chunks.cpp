#include <headrace/io/hdf5/chunks.hpp>

#include <algorithm>
#include <cstring>

#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/ragged_batch.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::hdf5 {

namespace {

bool is_narrower(DType narrow, DType wide) {
  const Kind kind = wide.kind();
  return narrow.kind() == kind && (kind == Kind::fixed_bytes || kind == Kind::fixed_text) &&
         narrow.itemsize() < wide.itemsize();
}

/// Rows as `row` says, which a function need not have kept to: what the file holds of them.
Tensor in_order(std::string_view stage, const Tensor& rows, const TensorSpec& row) {
  const bool narrower = is_narrower(rows.dtype(), row.dtype);
  const Shape shape = row.fully_known() ? row.shape : row.shape.tail();  // of sequences the items come
  require(narrower || (rows.dtype() == row.dtype && rows.shape().tail() == shape), stage,
          "rows must be of one dtype and shape, got ", TensorSpec{rows.dtype(), rows.shape().tail()}.to_string(),
          " after ", row.to_string(), "; make them alike in map");
  const Tensor wide = narrower ? widen(rows, row.dtype) : rows;
  return row.dtype.kind() == Kind::fixed_text ? encode_characters(stage, wide) : wide;
}

/// A batch, or a ragged one, as in_chunks() gives it.
class Encoder final : public Function {
 public:
  Encoder(std::string_view stage, const Spec& row, const std::vector<NewArray>& arrays, Note note)
      : stage_(stage), rows_(row.components), note_(std::move(note)) {
    std::vector<StructurePtr> parts(1, Structure::leaf());
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      parts.insert(parts.end(), arrays[i].sequences ? 2 : 1, Structure::leaf());
      sequences_.push_back(arrays[i].sequences);
      pipelines_.emplace_back(arrays[i].filters);
      sizes_.push_back(std::max<std::int64_t>(rows_[i].nbytes(), 1) * arrays[i].chunk_rows);
    }
    if (note_) parts.push_back(Structure::leaf());
    structure_ = Structure::tuple(std::move(parts));
  }

  Element operator()(const Element& batch) const override {
    const std::int64_t first = batch.components[sequences_[0] ? 1 : 0].shape()[0];
    Element result(structure_, {Tensor::scalar(sequences_[0] ? first - 1 : first)});
    auto component = batch.components.begin();
    for (std::size_t i = 0; i < rows_.size(); ++i, ++component) {
      const Tensor rows = in_order(stage_, *component, rows_[i]);
      const bool as_they_are = sequences_[i] || rows.dtype().variable_length();
      result.components.push_back(as_they_are ? rows : encoded(i, rows));
      if (sequences_[i]) result.components.push_back(*++component);
    }
    if (note_) result.components.push_back(note_(batch));
    return result;
  }
  std::string name() const override { return "encode"; }

 private:
  Tensor encoded(std::size_t leaf, const Tensor& component) const {
    const Tensor rows = component.is_contiguous() ? component : component.copy();
    std::span<const std::byte> chunk(rows.data(), static_cast<std::size_t>(rows.nbytes()));
    std::vector<std::byte> whole;  // of a last batch that is short
    if (rows.nbytes() < sizes_[leaf]) {
      whole.resize(static_cast<std::size_t>(sizes_[leaf]));
      if (!chunk.empty()) std::memcpy(whole.data(), chunk.data(), chunk.size());
      chunk = whole;
    }
    const std::vector<std::byte> bytes = pipelines_[leaf].encode(chunk);
    Tensor result = Tensor::empty(uint8, {static_cast<std::int64_t>(bytes.size())});
    if (!bytes.empty()) std::memcpy(result.mutable_data(), bytes.data(), bytes.size());
    return result;
  }

  std::string stage_;
  std::vector<TensorSpec> rows_;
  Note note_;
  std::vector<bool> sequences_;
  StructurePtr structure_;
  std::vector<FilterPipeline> pipelines_;
  std::vector<std::int64_t> sizes_;  // bytes of a whole chunk
};

/// The leaves of an element as a tuple: ragged_batch takes no RaggedTensor.
class Flattened final : public Function {
 public:
  explicit Flattened(const Spec& row)
      : from_(row.structure),
        row_{Structure::tuple(std::vector<StructurePtr>(row.components.size(), Structure::leaf())), row.components} {}
  const Spec& row() const { return row_; }

  Element operator()(const Element& element) const override {
    require(from_->same_as(*element.structure), name(), "elements must be of one structure, ", from_->to_string(),
            ", got ", element.structure->to_string());
    Element flat(row_.structure, {});
    const std::vector<int> order = from_->leaf_order_in(*element.structure);
    for (std::size_t i = 0; i < element.components.size(); ++i)
      flat.components.push_back(element.components[order.empty() ? i : static_cast<std::size_t>(order[i])]);
    return flat;
  }
  std::string name() const override { return "flatten"; }

 private:
  StructurePtr from_;
  Spec row_;
};

}  // namespace

Dataset in_chunks(std::string_view stage, const Dataset& rows, const Spec& row, const std::vector<NewArray>& arrays,
                  Note note) {
  const std::int64_t count = arrays.front().chunk_rows;
  const Map encode{.map_func = std::make_shared<Encoder>(stage, row, arrays, std::move(note)),
                   .num_parallel_calls = pool::default_threads()};
  const bool ragged = std::any_of(arrays.begin(), arrays.end(), [](const NewArray& array) { return array.sequences; });
  if (!ragged && compound_in(*row.structure) == nullptr) return rows | Batch{count} | encode;
  const auto flatten = std::make_shared<Flattened>(row);
  return rows | Map{.map_func = flatten, .output_signature = flatten->row()} | RaggedBatch{count} | encode;
}

std::int64_t append(Output& output, std::size_t first, const std::vector<NewArray>& arrays, const Element& chunk) {
  const auto count = chunk.components[0].item<std::int64_t>();
  auto next = chunk.components.begin() + 1;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const Tensor& part = *next++;
    if (arrays[i].sequences)
      output.append_sequences(first + i, part, *next++);
    else if (arrays[i].dtype.variable_length())
      output.append_texts(first + i, part);
    else
      output.append(first + i, count, {part.data(), static_cast<std::size_t>(part.nbytes())});
  }
  return count;
}

}  // namespace headrace::hdf5
