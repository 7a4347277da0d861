// Elements of several datasets, one after the other as something chooses.
#pragma once

#include <headrace/pipeline/passed.hpp>

namespace headrace {

/// Says which dataset each output comes from. Read as a cursor is: peek moves nothing.
class Chooser {
 public:
  static constexpr std::int64_t kFailed = -1;
  virtual ~Chooser() = default;
  /// The datasets of up to `want` next outputs, kFailed where choosing failed; empty at the end.
  virtual std::span<const std::int64_t> peek(std::int64_t want) = 0;
  /// Why output i of those just shown cannot be chosen.
  virtual FailurePtr failure(std::int64_t i) const = 0;
  virtual void take(std::int64_t n) = 0;
  /// The next choice fell on a dataset that has no more. True: another one has been made in its place, or that is the
  /// end; false: there is none, and the choice is to be taken without an output.
  virtual bool chooses_again(std::int64_t part) = 0;
  virtual void mark(Mark& out) const = 0;
  /// With the datasets that had no more, which come after it in the mark.
  virtual void restore(MarkReader& in) = 0;
};

/// Reads the first `parts` of a node's upstream as `chooser` says. A dataset is opened when it is first chosen, and
/// asked for no more rows than were chosen of it.
/// Mark: the chooser's, "empty" with the number of each dataset found so, "part" with the number and the mark of each
/// one opened, "close".
class DirectedCursor final : public Cursor {
 public:
  DirectedCursor(const Node& node, const Context& context, std::size_t parts, std::unique_ptr<Chooser> chooser,
                 bool stop_on_empty);
  RowView peek(std::int64_t want) override;
  void take(std::int64_t n) override;
  std::int64_t skip(std::int64_t n) override;
  void mark(Mark& out) const override;

 protected:
  void do_restore(MarkReader& in) override;

 private:
  using Choices = std::span<const std::int64_t>;
  Cursor& part(std::int64_t i);
  void find_empty(std::int64_t i);
  void make_block(const Choices& choices);
  Rows merged(const std::vector<Rows>& rows, const std::vector<std::vector<std::int64_t>>& places, std::int64_t count);
  Rows as_known(Rows rows) const;

  const Node& node_;
  Run& run_;
  std::int64_t epoch_;
  PassedRows passed_;
  StructurePtr structure_;  // of all elements, where known
  std::unique_ptr<Chooser> chooser_;
  bool stop_on_empty_;
  bool one_by_one_;  // a user's function must not be called for what may not be asked for
  std::vector<std::unique_ptr<Cursor>> parts_;
  std::vector<bool> empty_;
  std::vector<std::int64_t> counts_;  // zeros, between calls
  std::size_t left_;                  // datasets not known to be empty
  bool ended_ = false;
  bool direct_ = false;  // what is shown is one dataset's own
  RowView shown_;
  Rows block_;
  std::vector<std::int64_t> sources_;  // the dataset of each row of the block
  std::int64_t offset_ = 0;
};

}  // namespace headrace
