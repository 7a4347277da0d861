// What a predicate says of a block of rows.
#pragma once

#include <headrace/pipeline/function.hpp>

namespace headrace {

struct Verdicts {
  Tensor kept;                      // boolean (count); of no meaning where a row failed
  std::vector<FailedRow> failures;  // ascending: rows that came so, and those that the predicate failed on
  std::int64_t count = 0;           // rows asked about, fewer only after an Interrupt
  std::exception_ptr interrupt;

  bool operator[](std::int64_t row) const { return kept.values<bool>()[static_cast<std::size_t>(row)]; }
};

/// Asks about each row once, unless a block function fails: then it is asked again row by row, to find the place.
Verdicts ask(const Function& predicate, const Function::Call& call, const RowView& rows);

}  // namespace headrace
