// Transforms read in sequence: on the consumer's thread, or by a window over a stream.
#pragma once

#include <headrace/pipeline/random_access.hpp>
#include <headrace/pipeline/transform.hpp>

namespace headrace {

/// The best cursor for a chain: all of it in the window of its random-access base, or that part of it, the rest here.
std::unique_ptr<Cursor> open_chain(TransformChain chain, const Context& context);

/// Applies a chain to what an upstream cursor shows, no sooner than it is asked for.
/// Mark: upstream's; "ordinal" where upstream is a stream; "within" (outputs of the next input already taken) where
/// the chain is not one to one.
class ChainCursor final : public Cursor {
 public:
  ChainCursor(std::unique_ptr<Cursor> upstream, TransformChain chain, const Context& context);
  RowView peek(std::int64_t want) override;
  void take(std::int64_t n) override;
  std::int64_t skip(std::int64_t n) override;
  void mark(Mark& out) const override;

 protected:
  void do_restore(MarkReader& in) override;

 private:
  void leave_output();
  void take_inputs(std::int64_t up_to);
  Positions positions_of(const RowView& rows, std::vector<std::int64_t>& scratch) const;

  std::unique_ptr<Cursor> upstream_;
  const RandomAccessCursor* base_;  // upstream, where it is one
  TransformChain chain_;
  std::shared_ptr<Run> run_;
  Context context_;
  bool one_to_one_;
  ChainAccounts accounts_;
  ChainOutput output_;
  std::int64_t inputs_taken_ = 0;  // of output_.inputs
  std::int64_t offset_ = 0;        // of output_.rows
  std::int64_t within_ = 0;        // outputs of the next input already taken
  std::int64_t ordinal_ = 0;       // inputs taken so far
};

/// Applies a chain to a stream by tickets: several blocks at once, their results in order. Its anchors stand at fixed
/// multiples of inputs, so that a state does not depend on threads.
/// Mark: upstream's at the newest anchor, that one's "ordinal", "within" where the chain is not one to one, and
/// "ahead".
class ParallelChainCursor final : public Cursor {
 public:
  ParallelChainCursor(std::unique_ptr<Cursor> upstream, TransformChain chain, const Context& context, int calls);
  RowView peek(std::int64_t want) override;
  void take(std::int64_t n) override;
  std::int64_t skip(std::int64_t n) override;
  void mark(Mark& out) const override;

 protected:
  void do_restore(MarkReader& in) override;

 private:
  void push_tickets();
  void finish_front();

  static constexpr std::int64_t kAnchorPeriod = 64;
  std::unique_ptr<Cursor> upstream_;
  TransformChain chain_;
  std::shared_ptr<Run> run_;
  ChainAccounts accounts_;
  std::int64_t ordinal_ = 0;  // inputs read from upstream
  std::int64_t offset_ = 0;   // rows of the front ticket taken
  Mark anchor_;
  std::int64_t anchor_ordinal_ = 0;
  std::int64_t since_anchor_ = 0;  // rows taken
  PendingEntries pending_;         // upstream's, of no ticket yet
  TicketWindow window_;
};

}  // namespace headrace
