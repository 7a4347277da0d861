// Rows of a stream, laid out so that they can be read in any order.
#pragma once

#include <string>

#include <headrace/io/tool/ingest/pass.hpp>

namespace headrace::tool {

/// Some rows at a time, as a pass has them. ValueError where rows may differ in shape.
Pass storing_pass(std::string_view stage, const Dataset& rows, std::string log);
struct StoredRows {
  Dataset rows;
  std::int64_t bytes;  // of them that are in memory all the time
};
/// A folder of all rows that the pass has brought to the journal: made, unless the journal says that it is there. They
/// are in memory if they have room there, else a window of them.
StoredRows stored_rows(Journal& journal, const Pass& pass, const std::string& folder, std::int64_t room);

}  // namespace headrace::tool
