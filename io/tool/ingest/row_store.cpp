#include <headrace/io/tool/ingest/row_store.hpp>

#include <algorithm>
#include <filesystem>

#include <headrace/io/folder_writer.hpp>
#include <headrace/io/load.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::tool {
namespace {

constexpr std::int64_t kTogether = std::int64_t{1} << 20;  // bytes

}  // namespace

Pass storing_pass(std::string_view stage, const Dataset& rows, std::string log) {
  const Spec row = rows.element_spec();
  require(row.fully_known(), stage, "rows must be of one shape to be shuffled with --on-error, got ", row.to_string(),
          "; leave one of the two out");
  const std::int64_t count = std::max<std::int64_t>(kTogether / std::max<std::int64_t>(row.nbytes(), 1), 1);
  return {stage, 0, rows | Batch{count}, stacked_spec(row, -1), std::move(log)};
}

Dataset stored_rows(Journal& journal, const Pass& pass, const std::string& folder) {
  const Journal::Key laid_out{pass.number, INT64_MAX - 1};
  if (!journal.find(laid_out)) {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);  // what is left of one that was being removed
    FolderWriter writer({std::string(pass.stage), folder, pass.chunks.fingerprint(), row_spec(pass.spec), false});
    std::int64_t count = 0;
    each_chunk(journal, pass, [&](const Element& chunk) {
      const std::int64_t rows = chunk.components[0].shape()[0];
      const Rows block = Rows::of_columns(chunk.structure, chunk.components, rows);
      writer.put(count, {&block, 0, rows});
      count += rows;
    });
    writer.replace(count);
    journal.add(laid_out, 0, {});
  }
  return load(folder);
}

}  // namespace headrace::tool
