// Counting for cursors of one-to-one stages on a stream.
#pragma once

#include <headrace/pipeline/run.hpp>

namespace headrace {

class PassedRows {
 public:
  PassedRows(const Node& node, Run& run) : node_(node), run_(run), cell_(run.ledger().cell(node)) {
    const auto spec = node.spec();
    bytes_ = spec ? spec->nbytes() : -1;
  }
  /// Rows that came in and went out as they are.
  void count(const RowView& rows) {
    Account account;
    account.in = rows.count;
    for (std::int64_t i = 0; i < rows.count; ++i) account.failed += rows.failure(i) != nullptr;
    account.used = account.outputs = rows.count - account.failed;
    account.bytes = bytes_ >= 0 ? account.outputs * bytes_ : 0;
    add(account);
  }
  void add(const Account& account) { run_.ledger().add(node_, cell_, account); }

 private:
  const Node& node_;
  Run& run_;
  Account& cell_;
  std::int64_t bytes_;
};

}  // namespace headrace
