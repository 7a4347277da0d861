// A plan being read in sequence. Used by one thread at a time.
#pragma once

#include <headrace/pipeline/mark.hpp>
#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// The contract that every cursor keeps:
/// - peek shows at least one row unless the end is reached, and moves nothing; what it shows stays valid until the next
///   call. A row that is ready is never kept back for one that is not: fewer than `want` rows may come.
/// - only take moves on. mark() after a take names exactly the rows that come next, whatever was peeked.
/// - an Interrupt passes through peek and loses nothing.
class Cursor {
 public:
  virtual ~Cursor() = default;
  /// Up to `want` (>= 1) of the next rows; empty at the end.
  virtual RowView peek(std::int64_t want) = 0;
  /// Consumes the next `n` rows of those last shown; may be called several times for one peek.
  virtual void take(std::int64_t n) = 0;
  /// Goes over up to `n` rows without computing what need not be; the number gone over is less at the end only. Not
  /// between peek and take.
  virtual std::int64_t skip(std::int64_t n);
  /// Appends where it stands. Cheap: positions and counts.
  virtual void mark(Mark& out) const = 0;
  /// Goes to a mark; only on a cursor fresh from open. "ahead" entries after its own are rows to skip.
  void restore(MarkReader& in);

 protected:
  virtual void do_restore(MarkReader& in) = 0;
};

/// For stages that consume a block of input to make a block of output: fill() does both, and this class keeps the mark
/// from before and hands the block out. A mark is that one and how many rows of the block are taken.
class FillingCursor : public Cursor {
 public:
  RowView peek(std::int64_t want) final;
  void take(std::int64_t n) final;
  std::int64_t skip(std::int64_t n) final;
  void mark(Mark& out) const final;

 protected:
  /// The next rows (about `want`), or an empty block at the end. May throw an Interrupt if it keeps what it consumed.
  virtual Rows fill(std::int64_t want) = 0;
  /// Appends where the next fill begins.
  virtual void mark_here(Mark& out) const = 0;
  /// Called as rows [begin, begin + n) of `rows` are taken: the place to count.
  virtual void taken(const RowView& rows) = 0;
  /// Skips where no block is open; the default computes.
  virtual std::int64_t skip_blocks(std::int64_t n) { return Cursor::skip(n); }

 private:
  Rows block_;
  std::int64_t offset_ = 0;
  bool filling_ = false;  // an Interrupt left fill half-way: before_ still holds
  Mark before_;
};

}  // namespace headrace
