#include <headrace/io/npy/stream.hpp>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include <headrace/io/byte_stream.hpp>
#include <headrace/io/npy/head.hpp>
#include <headrace/io/records/format.hpp>

namespace headrace {

namespace {

/// One file's array.
struct Contents {
  std::string front;  // its head, byte by byte
  NpyHead head;
};

class ArrayRows final : public records::Format {
 public:
  ArrayRows(std::string_view stage, const std::vector<InputFile>& files) {
    for (const InputFile& file : files) {
      const std::string where = "'" + file.path + "'";
      Contents contents;
      contents.front = read_npy_head(stage, where, [&](std::int64_t size) {
        std::string front(static_cast<std::size_t>(size), '\0');
        front.resize(ByteStream(stage, file).read(front.data(), front.size()));
        return front;
      });
      contents.head = parse_npy_head(stage, where, contents.front);
      const NpyHead& head = contents.head;
      require(!head.shape.empty(), stage, "an array must have rows, got the scalar ", where);
      const TensorSpec row{head.dtype, head.shape.tail()};
      if (known_.empty()) row_ = row;
      require(row.dtype == row_.dtype && row.shape == row_.shape, stage, "rows must be as in '", files[0].path, "', ",
              row_.to_string(), ", got ", row.to_string(), " of ", where);
      require(!head.fortran_order || head.bytes == 0, stage,
              "an array compressed by gzip must be in C order, got Fortran order in ", where,
              "; gunzip it, or save it by np.ascontiguousarray");
      rows_ += head.shape.front();
      known_[file.path] = std::move(contents);
    }
  }

  Spec spec() const override { return {Structure::leaf(), {row_}}; }
  std::int64_t cardinality() const override { return rows_; }
  std::string identity() const override { return row_.to_string() + " " + std::to_string(rows_); }
  bool counts_lines() const override { return false; }

  void check_beginning(std::string_view stage, const std::string& path, std::string_view bytes) const override {
    const std::string_view front = known_.at(path).front;
    require<IoError>(bytes.substr(0, front.size()) == front.substr(0, bytes.size()), stage, "cannot read '", path,
                     "': the file was written to or replaced since the dataset was made; make it anew");
  }

  /// All but the last row: whoever gets that knows that it is the last one.
  std::size_t whole_records(std::string_view bytes, std::int64_t offset, bool last) const override {
    if (last) return bytes.size();
    const auto row = static_cast<std::size_t>(row_.nbytes());
    const auto start = offset > 0 ? 0 : static_cast<std::size_t>(npy_head_size("", "", bytes));
    const std::size_t rows = row == 0 || bytes.size() < start ? 0 : (bytes.size() - start) / row;
    return rows > 1 ? start + (rows - 1) * row : 0;
  }

  Rows parse(const Node& node, const records::Block& block) const override {
    const NpyHead& head = known_.at(*block.path).head;
    const std::int64_t first = std::max<std::int64_t>(block.offset - head.offset, 0), row = row_.nbytes();
    const std::int64_t start = block.offset == 0 ? std::min<std::int64_t>(head.offset, block.bytes.size()) : 0;
    const std::int64_t size = static_cast<std::int64_t>(block.bytes.size()) - start, left = head.bytes - first;
    if (left < 0) return whole(Tensor::empty(row_.dtype, row_.shape.with_front(0)));  // the block before tells of it
    const std::int64_t count = row > 0 ? std::min(size, left) / row : head.shape[0];
    const bool wrong = size > left || (block.last && size < left);
    const std::byte* const from = block.buffer.data() + start;
    if (!wrong && head.fixes.empty()) {
      const Shape shape = row_.shape.with_front(count);
      return whole(Tensor::view(block.buffer, const_cast<std::byte*>(from), row_.dtype, shape,
                                contiguous_strides(shape, row_.dtype.itemsize()), false));
    }
    const Tensor rows = Tensor::empty(row_.dtype, row_.shape.with_front(count + wrong));
    if (count * row > 0) {
      std::memcpy(rows.mutable_data(), from, static_cast<std::size_t>(count * row));
      hdf5::put_right(head.fixes, row_.dtype.itemsize(), rows.mutable_data(), count * row);
    }
    Rows result = whole(rows);
    if (wrong)
      result.failures.push_back(
          {count, failure(node, *block.path, head, first / std::max<std::int64_t>(row, 1) + count, first + size)});
    return result;
  }

 private:
  static Rows whole(const Tensor& rows) {
    const std::int64_t count = rows.shape()[0];
    return Rows::of_columns(Structure::leaf(), {rows}, count);
  }

  static FailurePtr failure(const Node& node, const std::string& path, const NpyHead& head, std::int64_t row,
                            std::int64_t size) {
    const std::string where = "row " + std::to_string(row) + " of '" + path + "'";
    try {
      require<IoError>(size > head.bytes, node.label(), "cannot read ", where, ": the array has ", head.bytes,
                       " bytes, got ", size, "; the file was cut");
      throw IoError(
          sentence(node.label(), "cannot read ", where, ": the array has ", head.bytes,
                   " bytes, got more; the file is damaged, or holds more than one array: write them by np.savez"));
    } catch (const IoError&) {
      return capture_failure(node, where);
    }
  }

  TensorSpec row_;
  std::int64_t rows_ = 0;
  std::unordered_map<std::string, Contents> known_;
};

}  // namespace

std::shared_ptr<Node> make_npy_stream(std::string_view stage, std::vector<InputFile> files) {
  auto format = std::make_unique<const ArrayRows>(stage, files);
  return records::make_record_node(std::move(files), std::move(format));
}

}  // namespace headrace
