// Some whole records as rows.
#pragma once

#include <functional>

#include <headrace/io/csv/table.hpp>
#include <headrace/io/records/format.hpp>

namespace headrace::csv {

/// Reads the records of one block. One thread; made for each block anew.
class RowsReader {
 public:
  /// What is being handled as the error of the record at `line`.
  using Capture = std::function<FailurePtr(std::int64_t line)>;
  RowsReader(const Reading& reading, const Table& table, const records::Block& block, Capture capture);

  /// The rows, errors in their places.
  Rows read();

 private:
  /// How the values of a field are read.
  enum class Way : unsigned char { skip, integer, real, single, other, text };
  static Way way_of(DType dtype);
  struct Target {
    Way way = Way::skip;
    const Column* column = nullptr;
    Tensor values;
    std::byte* data = nullptr;  // of `values`
    bool copied = false;        // some of its texts lie in copies_
    std::size_t filler = 0;     // where its filler does
  };

  void make_room();
  const char* row(const char* begin);
  const char* value(Target& target, const char* at);
  const char* other_value(Target& target, const char* at);
  const char* text_value(Target& target, const char* at);
  bool is_end(const char* next) const;
  char* copies(Target& target);
  void finish_texts(Target& target);
  const char* fail(const char* begin);
  std::string diagnosis(const char* begin);
  std::string trouble(const Target& target, const Field& field, const std::string& place) const;
  std::int64_t line_of(const char* at);
  std::string place(const char* at);

  const Reading& reading_;
  const Table& table_;
  records::Block block_;
  Capture capture_;
  Scanner scanner_;
  bool zeros_, missing_first_, ascii_ = false;
  std::vector<Target> targets_;  // a field each
  std::size_t copies_size_;
  std::int64_t count_ = 0, capacity_ = 0;
  Buffer copies_;  // of texts that do not lie in the block as they are: each at its place there, then the fillers
  std::vector<FailedRow> failures_;
  const char* counted_to_;  // where line_ is
  std::int64_t line_;
};

}  // namespace headrace::csv
