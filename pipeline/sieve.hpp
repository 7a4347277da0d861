// Stages on a stream that look at each input row once and in order, and give it, an error in its place, or nothing.
#pragma once

#include <headrace/pipeline/passed.hpp>

namespace headrace {

/// Derived classes sift a block of input and remember what they saw; what counts for a mark is what they are told of by
/// consumed(). Mark: upstream's, "ordinal" (inputs consumed), mark_more's.
class SieveCursor : public Cursor {
 public:
  SieveCursor(const Node& node, const Context& context);
  RowView peek(std::int64_t want) final;
  void take(std::int64_t n) final;
  void mark(Mark& out) const final;

 protected:
  /// What became of the first `inputs` rows of a block.
  struct Sifted {
    std::int64_t inputs = 0;   // fewer than there were: before `stop`, or at the stage's own end
    std::int64_t outputs = 0;  // the first ones of the inputs as they are, unless `changed`
    bool changed = false;
    Rows rows;                // if changed: the outputs, with origins unless they are inputs 0, 1, 2 ...
    std::exception_ptr stop;  // thrown once they are consumed
  };
  virtual Sifted sift(const RowView& input, const Positions& positions) = 0;
  /// Inputs [begin, end) of the block are consumed, as `account` says; before upstream is told.
  virtual void consumed(std::int64_t begin, std::int64_t end, Account& account) = 0;
  /// The stage's own end, before upstream's.
  virtual bool ended() const { return false; }
  /// Upstream has ended; may throw, at every call.
  virtual void at_end() {}
  virtual void mark_more(Mark& out) const = 0;
  virtual void restore_more(MarkReader& in) = 0;

  void do_restore(MarkReader& in) final;
  const Node& node() const { return node_; }
  Run& run() const { return run_; }
  std::int64_t epoch() const { return epoch_; }
  std::int64_t ordinal() const { return ordinal_; }

  /// All rows, or those at `kept` (ascending).
  static Sifted keep_all(const RowView& input);
  static Sifted keep(const RowView& input, const std::vector<std::int64_t>& kept);

 private:
  void consume(std::int64_t up_to, std::int64_t rows, std::int64_t failed);

  const Node& node_;
  Run& run_;
  std::int64_t epoch_;
  PassedRows passed_;
  std::unique_ptr<Cursor> upstream_;
  Sifted sifted_;
  RowView shown_;
  std::int64_t offset_ = 0;    // outputs taken
  std::int64_t consumed_ = 0;  // inputs of the block
  std::int64_t ordinal_ = 0;
};

}  // namespace headrace
