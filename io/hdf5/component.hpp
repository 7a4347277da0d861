// What makes one leaf of from_hdf5's elements: rows by position, of whatever lies in the files.
#pragma once

#include <string>
#include <vector>

#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace::hdf5 {

/// Who reads: for errors, the memory limit and the count of what is decoded.
struct Reading {
  const Node& node;
  const Context& context;
};

/// Which of several files, whose parts begin at `starts` of one order, has `position`.
std::size_t part_at(const std::vector<std::int64_t>& starts, std::int64_t position);

/// Thread-safe. Positions are trusted. Where a row cannot be read all of these throw, whatever the others are: an
/// IoError then takes the place of the rows that cannot be read one by one.
class Component {
 public:
  virtual ~Component() = default;
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  const std::string& name() const { return name_; }
  /// Sizes in which rows differ are unknown (-1).
  const TensorSpec& row() const { return row_; }
  std::int64_t rows() const { return starts_.back(); }
  /// Where each file's rows begin, and their number.
  const std::vector<std::int64_t>& starts() const { return starts_; }
  /// Of a row; where they differ about so many.
  virtual std::int64_t row_bytes() const;
  /// "in chunks of 1,024 rows: gzip 4, shuffle": how it is read, for explain().
  virtual std::string path() const = 0;
  /// "row 3 of '/x' in 'a.h5'", for errors.
  virtual std::string where(std::int64_t position) const;
  /// Rows that are decoded at once; 0: any number.
  virtual std::int64_t block_rows() const { return 0; }
  /// Every range of rows is a view.
  virtual bool gives_views() const { return false; }

  /// (positions.count, ...), only where row().fully_known(): a view where that is possible, else gather_into()'s, or
  /// list() stacked where items are of variable length.
  /// To be overridden where items are of variable length, unless list() is.
  virtual Tensor gather(const Reading& reading, const Positions& positions) const;
  /// Rows `to` of `column`, only where row().fully_known(), of fixed-size items.
  virtual void gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                           const Positions& to) const = 0;
  /// A tensor each: read-only views, or the caller's own.
  virtual std::vector<Tensor> list(const Reading& reading, const Positions& positions) const;

 protected:
  explicit Component(std::string name) : name_(std::move(name)) {}

  std::string name_;
  TensorSpec row_;
  std::vector<std::int64_t> starts_{0};
};

}  // namespace headrace::hdf5
