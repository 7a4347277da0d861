// A block of elements: stacked columns where dtypes and shapes agree, else a list; errors stand in their places.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include <headrace/pipeline/failure.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/element.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace {

/// One element of a list, or the error in its place.
struct Outcome {
  Element element;
  FailurePtr failure;
};

/// The error in the place of one row of a stacked block.
struct FailedRow {
  std::int64_t row;
  FailurePtr failure;
};

struct Rows {
  std::int64_t count = 0;
  StructurePtr structure = Structure::leaf();
  bool stacked = false;
  std::vector<Tensor> columns;  // stacked: a column a leaf, leading axis `count`; rows that failed are not to be read
  std::vector<FailedRow> failures;    // stacked: ascending by row
  std::vector<Outcome> list;          // not stacked: `count` entries
  std::vector<std::int64_t> origins;  // for stages that are not one to one: each row's input row, ascending

  static Rows of_columns(StructurePtr structure, std::vector<Tensor> columns, std::int64_t count);
  static Rows of_list(std::vector<Outcome> list);
  /// The error of a row, or nullptr.
  const FailurePtr& failure(std::int64_t row) const;
  bool has_failures() const;
  /// Row `row` as an element: views, no copies. Throws Failed where the row failed.
  Element element(std::int64_t row) const;
  std::int64_t nbytes() const;
  /// No rows; what memory the vectors have stays.
  void clear();
};

/// Some consecutive rows of a block; valid as long as the block.
struct RowView {
  const Rows* rows = nullptr;
  std::int64_t begin = 0;
  std::int64_t count = 0;

  bool empty() const { return count == 0; }
  const FailurePtr& failure(std::int64_t i) const { return rows->failure(begin + i); }
  /// Of the rows shown alone: a helper may still write others of a list.
  bool has_failures() const;
  Element element(std::int64_t i) const { return rows->element(begin + i); }
  std::int64_t nbytes() const;  // of the good ones
  RowView first(std::int64_t n) const { return {rows, begin, n < count ? n : count}; }
  RowView without_first(std::int64_t n) const { return {rows, begin + n, count - n}; }
  /// The same rows as a block that keeps its memory alive: views, no copies.
  Rows share() const;
  /// Rows [begin, begin + count) of column `leaf`; stacked blocks only.
  Tensor column(int leaf) const;
};

inline RowView all(const Rows& rows) { return {&rows, 0, rows.count}; }

/// Makes a Rows row by row. Small elements of one dtype and shape are stacked as they come (copied into one buffer);
/// large, differing or variable-length ones are listed.
class RowsBuilder {
 public:
  /// About `expected` rows; with_origins where outputs are not one to one with inputs.
  explicit RowsBuilder(std::int64_t expected, bool with_origins = false);

  void append(Element element);
  /// The same for elements of one component; quicker than making an Element.
  void append(Tensor tensor);
  void append(bool value);
  void append_failure(FailurePtr failure);
  /// Some rows of a block, each its own origin.
  void append_rows(const RowView& view, std::span<const std::int64_t> indices);
  /// `count` stacked rows, adopted where they are the first; their origins are set_origin's, each.
  void append_block(const StructurePtr& structure, std::vector<Tensor> columns, std::int64_t count);
  /// Called before append: the input row that the next outputs come from.
  void set_origin(std::int64_t origin) { origin_ = origin; }
  std::int64_t count() const { return rows_.count; }
  /// After an Interrupt in a stage that is not one to one: the input row it came in, by set_origin.
  std::int64_t interrupted_at() const { return origin_; }
  Rows finish();

 private:
  enum class Form : unsigned char { undecided, stacked, listed };
  void decide(const Element& element);
  bool fits(const Element& element) const;
  void reserve(std::int64_t count);
  void turn_into_list();
  void count_rows(std::int64_t n);
  void store(std::size_t leaf, const Tensor& from);
  bool takes(const Tensor& tensor) const;

  std::int64_t capacity_;
  bool with_origins_;
  std::int64_t origin_ = 0;
  Form form_ = Form::undecided;
  Rows rows_;
};

/// Elements below this many bytes are moved in stacked blocks, and copied out of a block when one of them is kept.
inline constexpr std::int64_t kSmallElement = 1024;
/// An element to be kept singly: a small one is copied out of its block, unless that is the caller's own memory.
Element to_keep(Element element);
/// Elements up to this many bytes are gathered in stacked blocks.
inline constexpr std::int64_t kStackedElement = 4096;

/// The rows of several views, one after the other, stacked into one element with a leading axis (a batch). Throws
/// Failed with the first failure in place (`node` accounts for its other rows), ValueError for unequal rows or ones
/// that hold a RaggedTensor; `first` is the position of the first row, for the text.
Element stack_rows(const Node& node, std::span<const Rows> parts, std::int64_t first);

/// The components of the rows of several views, one by one, in the order of the first row's leaves.
struct RowComponents {
  StructurePtr structure;
  std::vector<std::vector<Tensor>> leaves;
};
/// In what the rows of a batch must agree, besides structure and dtype.
enum class Alike : unsigned char { shape, rank };
/// As stack_rows, but nothing is stacked: unequal rows throw ValueError with `way_out`, failed ones Failed. Where
/// `sparse`, the parts of SparseTensors are taken, which agree in rank.
RowComponents components_of_rows(const Node& node, std::span<const Rows> parts, std::int64_t first, Alike alike,
                                 std::string_view way_out, bool sparse = false);
/// Throws ValueError where `structure` holds a RaggedTensor or SparseTensor, whose parts are not rows.
void require_no_compound(std::string_view stage, const Structure& structure);
/// The same for a RaggedTensor alone.
void require_no_ragged(std::string_view stage, const Structure& structure);

/// The rows at `positions`, in that order.
Rows pick_rows(const Rows& rows, const Positions& positions);

/// Some rows of `rows` put into other places: result[to[i]] = parts[i]. For stages that split a gather.
Rows scatter_rows(std::span<const Rows> parts, std::span<const Positions> places, std::int64_t count);
/// The same as a list, of the elements as they are: nothing is copied.
Rows scatter_as_list(std::span<const Rows> parts, std::span<const Positions> places, std::int64_t count);

}  // namespace headrace
