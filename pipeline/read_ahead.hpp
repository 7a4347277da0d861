// Reads a cursor ahead on a worker, in order.
#pragma once

#include <headrace/pipeline/run.hpp>

namespace headrace {

/// Keeps up to `rows` of upstream's rows ready (0: chosen by size). Whoever needs them first reads: a helper from the
/// pool, or the consumer itself. Accounts of what is read ahead are committed as it is consumed.
/// Mark: upstream's at the newest anchor not past the consumer (they stand at fixed multiples), "ahead".
class ReadAheadCursor final : public Cursor {
 public:
  ReadAheadCursor(std::unique_ptr<Cursor> upstream, const Node& node, const Context& context, std::int64_t rows);
  ~ReadAheadCursor() override;
  RowView peek(std::int64_t want) override;
  void take(std::int64_t n) override;
  std::int64_t skip(std::int64_t n) override;
  void mark(Mark& out) const override;

 protected:
  void do_restore(MarkReader& in) override;

 private:
  struct Shared;
  void call_helper();
  void wait();
  std::int64_t skip_upstream(std::int64_t n);

  std::shared_ptr<Shared> shared_;
  const Node& node_;
  std::shared_ptr<Run> run_;
  Account& cell_;
  std::int64_t bytes_each_;
  std::int64_t offset_ = 0;  // rows of the front block taken
  std::int64_t taken_ = 0;
  Mark anchor_;
  std::int64_t anchor_at_ = 0;
};

}  // namespace headrace
