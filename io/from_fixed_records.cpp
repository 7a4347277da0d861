#include <headrace/io/from_fixed_records.hpp>

#include <algorithm>
#include <cstring>

#include <headrace/io/byte_stream.hpp>
#include <headrace/io/hdf5/leaves.hpp>
#include <headrace/io/npy/column.hpp>
#include <headrace/io/records/format.hpp>

namespace headrace {

namespace {

using Fixes = std::vector<hdf5::Fix>;

constexpr const char* kStage = FromFixedRecords::name;
constexpr std::size_t kMostFixes = 4096;

/// What `count` stored items of `dtype`, from `offset` of a record's item on, need.
void add_fixes(DType dtype, std::int64_t offset, std::int64_t count, bool big_endian, Fixes& fixes) {
  const std::int64_t size = dtype.itemsize();
  if (dtype.kind() == Kind::record) {
    for (std::int64_t i = 0; i < count; ++i) {
      for (const Field& field : dtype.fields())
        add_fixes(field.dtype, offset + i * size + field.offset, element_count(Shape(field.shape)), big_endian, fixes);
    }
    return;
  }
  using enum hdf5::Fix::Kind;
  hdf5::Fix fix{offset, size, count, reverse};
  if (dtype == boolean) fix.kind = truth;
  if (dtype == complex64 || dtype == complex128) fix = {offset, size / 2, 2 * count, reverse};
  if (dtype.kind() == Kind::fixed_text) fix = {offset, 4, size / 4 * count, reverse};
  if (dtype.kind() == Kind::fixed_bytes || (fix.kind == reverse && (!big_endian || size == 1)) || fix.count == 0)
    return;
  require<TypeError>(fixes.size() < kMostFixes, kStage, "records may have at most ", kMostFixes,
                     " fields that are not as this machine stores them; take them as bytes");
  fixes.push_back(fix);
}

/// The records of one file's contents, `size` bytes.
std::int64_t records_in(const FromFixedRecords& options, const std::string& path, std::int64_t size) {
  const std::int64_t room = size - options.header_bytes - options.footer_bytes;
  require(room >= 0 && room % options.record_bytes == 0, kStage, "'", path, "' must hold whole records of ",
          options.record_bytes, " bytes between header and footer, ", options.header_bytes, " and ",
          options.footer_bytes, " bytes, got ", size, " bytes in all");
  return room / options.record_bytes;
}

/// Of contents whose size nobody knows before their end.
class Records final : public records::Format {
 public:
  Records(const FromFixedRecords& options, TensorSpec row, Fixes fixes)
      : options_(options), row_(std::move(row)), fixes_(std::move(fixes)) {}

  Spec spec() const override { return {Structure::leaf(), {row_}}; }
  bool counts_lines() const override { return false; }

  /// The footer, and what may be one, is kept back.
  std::size_t whole_records(std::string_view bytes, std::int64_t offset, bool last) const override {
    const std::int64_t header = offset == 0 ? options_.header_bytes : 0;
    const std::int64_t room = static_cast<std::int64_t>(bytes.size()) - header - options_.footer_bytes;
    if (last || room < options_.record_bytes) return 0;
    return static_cast<std::size_t>(header + room / options_.record_bytes * options_.record_bytes);
  }

  Rows parse(const Node& node, const records::Block& block) const override {
    const std::int64_t header = block.offset == 0 ? options_.header_bytes : 0;
    const std::int64_t footer = block.last ? options_.footer_bytes : 0;
    const std::int64_t room = static_cast<std::int64_t>(block.bytes.size()) - header - footer;
    const std::int64_t count = std::max<std::int64_t>(room, 0) / options_.record_bytes;
    const bool broken = room < 0 || room % options_.record_bytes != 0;
    const Tensor rows = Tensor::empty(row_.dtype, row_.shape.with_front(count + broken));
    if (count > 0) {
      std::memcpy(rows.mutable_data(), block.bytes.data() + header,
                  static_cast<std::size_t>(count * options_.record_bytes));
      hdf5::put_right(fixes_, row_.dtype.itemsize(), rows.mutable_data(), count * options_.record_bytes);
    }
    Rows result = Rows::of_columns(Structure::leaf(), {rows}, count + broken);
    if (broken) result.failures.push_back({count, failure(node, block)});
    return result;
  }

 private:
  FailurePtr failure(const Node& node, const records::Block& block) const {
    try {
      records_in(options_, *block.path, block.offset + static_cast<std::int64_t>(block.bytes.size()));
    } catch (...) {
      return capture_failure(node, "file '" + *block.path + "'");
    }
    return nullptr;  // never: offsets are whole records behind the header
  }

  FromFixedRecords options_;
  TensorSpec row_;
  Fixes fixes_;
};

Shape shape_of(const FromFixedRecords& options) {
  const std::int64_t itemsize = options.dtype.itemsize();
  if (!options.shape) {
    require(options.record_bytes % itemsize == 0, kStage, "record_bytes must be a multiple of ", itemsize,
            ", the size of ", options.dtype.name(), ", got ", options.record_bytes);
    const std::int64_t items = options.record_bytes / itemsize;
    return items == 1 ? Shape{} : Shape{items};
  }
  require<TypeError>(options.shape->structure->kind() == Structure::Kind::leaf, kStage, "shape must be one shape");
  const Shape& shape = options.shape->shapes.front();
  for (const std::int64_t size : shape) require(size >= 0, kStage, "sizes must be known, got ", to_string(shape));
  require(element_count(shape) * itemsize == options.record_bytes, kStage, "a record of ", options.dtype.name(), " ",
          to_string(shape), " must have record_bytes, ", options.record_bytes, ", got ",
          element_count(shape) * itemsize);
  return shape;
}

}  // namespace

Dataset FromFixedRecords::operator()() const {
  require(record_bytes >= 1, name, "record_bytes must be >= 1, got ", record_bytes);
  require(header_bytes >= 0 && footer_bytes >= 0, name, "header_bytes and footer_bytes must be >= 0, got ",
          header_bytes, " and ", footer_bytes);
  require<TypeError>(!dtype.variable_length() && dtype.itemsize() > 0, name, "dtype must be of fixed size, got ",
                     dtype.name(), "; leave it out for bytes");
  const TensorSpec row{dtype, shape_of(*this)};
  Fixes fixes;
  add_fixes(dtype, 0, 1, big_endian, fixes);
  const std::vector<std::string> paths = expanded_paths(name, files);
  if (std::any_of(paths.begin(), paths.end(), [](const std::string& path) { return is_gzip(name, path); })) {
    require(!mmap, name, "mmap must be False for files of gzip, got True; gunzip them");
    return Dataset(records::make_record_node(input_files(name, files),
                                             std::make_unique<const Records>(*this, row, std::move(fixes))));
  }
  const auto set = std::make_shared<const StampedFiles>(name, paths);
  std::vector<NpyPart> parts;
  for (std::size_t file = 0; file < paths.size(); ++file) {
    const std::int64_t count = records_in(*this, paths[file], set->size(file));
    NpyPart& part = parts.emplace_back();
    part.file = file;
    part.where = "'" + paths[file] + "'";
    part.head = {dtype, false, row.shape.with_front(count), header_bytes, count * record_bytes, fixes};
    part.offset = header_bytes;
  }
  std::vector<std::unique_ptr<const hdf5::Component>> columns;
  columns.push_back(std::make_unique<const NpyColumn>(set, paths.front(), std::move(parts), mmap,
                                                      std::make_shared<InflatedBytes>(0)));
  return Dataset(hdf5::make_source_node(hdf5::leaves_of(Structure::leaf(), std::move(columns), false)));
}

}  // namespace headrace
