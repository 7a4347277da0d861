// One component of the elements of a folder in the making: see manifest.hpp for the layout.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <headrace/io/file.hpp>
#include <headrace/io/manifest.hpp>

namespace headrace {

/// What stands after 'descr' in the head of a component's values: NumPy's name, or raw bytes where it has none; pairs
/// of int64 for items of variable length.
std::string stored_descr(DType dtype);
/// Bytes of one item in values, and its shape there.
std::int64_t stored_itemsize(DType dtype);
Shape stored_row(DType dtype, const Shape& row);

/// Rows may come in any order of positions. As long as their shapes agree, row i stands at place i; from the first
/// other one on, rows are put one after the other and two more files say where each is and what its shape is.
class ComponentWriter {
 public:
  /// `place` is the component's place in the structure, for the errors; `first` gives dtype and number of axes.
  ComponentWriter(std::string stage, const std::string& folder, int number, std::string place, const TensorSpec& first);

  /// Writes the rows of `rows` to positions from `position` on. ValueError where they can't be of this component.
  void put(std::int64_t position, const Tensor& rows);
  /// The row at a position that was put.
  Tensor get(std::int64_t position);
  /// Brings everything to the disk and says what there is of `count` rows.
  StoredComponent finish(std::int64_t count);

 private:
  /// A file of rows, with the room that its head takes.
  struct Part {
    std::string name, descr;
    std::size_t room;
    OutputFile file;
    Part(const std::string& stage, const std::string& folder, std::string name_, std::string descr_, const Shape& row);
    void write(std::int64_t place, const void* data, std::int64_t size);
    void read(std::int64_t place, void* data, std::int64_t size);
    StoredFile finish(const Shape& shape, std::int64_t itemsize);
  };
  std::unique_ptr<Part> make_part(const char* suffix, std::string descr, const Shape& row) const;
  void put_places(std::int64_t position, std::int64_t count, const Shape& row);
  void let_shapes_vary();
  Tensor write_texts(const Tensor& rows);
  void read_texts(const Tensor& pairs, Tensor& into);

  std::string stage_, folder_, place_;
  int number_;
  TensorSpec spec_;        // -1 where rows differed
  Shape row_;              // of all rows so far, unless they vary
  std::int64_t rows_ = 0;  // one past the last position
  std::int64_t end_ = 0;   // where shapes vary: items so far
  std::int64_t text_end_ = 0;
  std::unique_ptr<Part> values_, texts_, starts_, shapes_;
};

}  // namespace headrace
