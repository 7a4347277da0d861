// Cursors over plans whose positions can be computed: their state is a position.
#pragma once

#include <functional>
#include <vector>

#include <headrace/pipeline/ticket_window.hpp>

namespace headrace {

/// `node` alone, by the consumer when asked: for plans with a function that must not run ahead.
std::unique_ptr<Cursor> open_in_order(const Node& node, const Context& context);

/// Makes `count` rows, each apart from the others, at least `grain` a thread, on all threads that have nothing else to
/// do: so the last batch of a run, and the first, keep none waiting. `make(context, i)` gives what prevented row i, or
/// nullptr. On this thread alone where `node` reads users' functions, which have a number of threads of their own.
std::vector<FailedRow> make_rows_apart(const Node& node, const Context& context, std::int64_t count, std::int64_t grain,
                                       const std::function<FailurePtr(const Context&, std::int64_t)>& make);

/// Reads a random-access base, and a chain of transforms on it, through a window.
/// Mark: "position", the next source position, and "within", outputs of it already taken, if the chain expands.
class RandomAccessCursor final : public Cursor {
 public:
  /// `chain.base` is read; its stages may be none.
  RandomAccessCursor(TransformChain chain, const Context& context, bool pooled);
  ~RandomAccessCursor() override;

  RowView peek(std::int64_t want) override;
  void take(std::int64_t n) override;
  std::int64_t skip(std::int64_t n) override;
  void mark(Mark& out) const override;
  /// The source positions of rows just shown; a list is made in `scratch`.
  Positions positions_of(const RowView& rows, std::vector<std::int64_t>& scratch) const;

 protected:
  void do_restore(MarkReader& in) override;

 private:
  void push_tickets(std::int64_t want);
  void finish_front();
  void account(const Ticket& ticket, std::int64_t to, bool within);

  TransformChain chain_;
  std::shared_ptr<Run> run_;
  Context context_;
  bool one_to_one_;
  bool expanding_;
  ChainAccounts accounts_;
  Ledger::Segment* segment_;
  std::int64_t end_;               // positions there are
  std::int64_t next_ = 0;          // to be ticketed
  std::int64_t position_ = 0;      // consumed up to here
  std::int64_t accounted_ = 0;     // begun up to here: one further within an expanded input
  std::int64_t within_ = 0;        // and so many outputs of it
  std::int64_t offset_ = 0;        // rows of the front ticket taken
  std::int64_t ticket_begin_ = 0;  // of the ticket last shown
  TicketWindow window_;
};

/// Wraps the sequential cursor of a random-access plan so that its mark is a position, as for any other.
class PositionCursor final : public Cursor {
 public:
  PositionCursor(std::unique_ptr<Cursor> inner, std::int64_t cardinality)
      : inner_(std::move(inner)), cardinality_(cardinality) {}
  RowView peek(std::int64_t want) override { return inner_->peek(want); }
  void take(std::int64_t n) override {
    inner_->take(n);
    position_ += n;
  }
  std::int64_t skip(std::int64_t n) override;
  void mark(Mark& out) const override { out.put("position", position_); }

 protected:
  void do_restore(MarkReader& in) override;

 private:
  std::unique_ptr<Cursor> inner_;
  std::int64_t cardinality_;
  std::int64_t position_ = 0;
};

/// node.gather, or where it fails as a whole, position by position: errors end up in their places.
Rows gather_rows(const Node& node, const Context& context, const Positions& positions);

}  // namespace headrace
