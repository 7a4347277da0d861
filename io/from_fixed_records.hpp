// Records of one size in files of nothing else.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromFixedRecords {
  std::vector<std::string> files;
  std::int64_t record_bytes = 0;
  std::int64_t header_bytes = 0;
  std::int64_t footer_bytes = 0;
  DType dtype = uint8;
  std::optional<Shapes> shape;
  bool big_endian = false;
  bool mmap = false;
  static constexpr auto name = "from_fixed_records";
  static constexpr auto summary = "Gives the records of files that hold records of one size and nothing else.";
  static constexpr auto details =
      "Shape: `dtype` of `shape`, record_bytes in all; without shape () for one item, (items,) for more.\n"
      "Order: as in the files, one after the other; random access, and the cardinality is exact. Where a file is gzip, "
      "known\n"
      "    by its content, all of them are a stream of unknown cardinality. Big-endian items come out native.\n"
      "Memory: records are read into the batch, neighbours together; with mmap a range of them is a read-only view. Of "
      "gzip\n"
      "    some blocks of 512 KiB.\n"
      "Errors: ValueError for a shape that has not record_bytes, and for a file that does not hold whole records "
      "between\n"
      "    header and footer (of gzip in the place of the broken record); OSError for a file that is missing or no "
      "plain\n"
      "    file, and in the place of records of one that was changed since or cannot be read.\n"
      "Example: from_fixed_records(\"train-images-idx3-ubyte\", 784, header_bytes=16, shape=(28, "
      "28)).shuffle().batch(64),\n"
      "    from_fixed_records(\"signals/*.raw\", 4096, dtype=\"int16\", big_endian=True).\n"
      "Source: tf.data.FixedLengthRecordDataset, with the decoding of its records.";
  static constexpr auto options() {
    return std::tuple{
        required("files", &FromFixedRecords::files, "a path, a pattern with * ? [...] in it, or a list"),
        required("record_bytes", &FromFixedRecords::record_bytes, "the size of a record, >= 1"),
        optional("header_bytes", &FromFixedRecords::header_bytes, "before the first record of each file"),
        optional("footer_bytes", &FromFixedRecords::footer_bytes, "behind the last one"),
        optional("dtype", &FromFixedRecords::dtype, "of the items, of fixed size; a structured one for fields"),
        optional("shape", &FromFixedRecords::shape, "of a record; None: (), or one axis"),
        optional("big_endian", &FromFixedRecords::big_endian, "items are stored with the first byte highest"),
        hint("mmap", &FromFixedRecords::mmap,
             "map the files: ranges of records are views; a file must not shrink meanwhile (SIGBUS)")};
  }
  Dataset operator()() const;
};

inline Dataset from_fixed_records(std::vector<std::string> files, std::int64_t record_bytes) {
  return make_source(FromFixedRecords{std::move(files), record_bytes});
}

}  // namespace headrace
