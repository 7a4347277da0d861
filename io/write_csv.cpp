#include <headrace/io/write_csv.hpp>

#include <headrace/io/csv/row_text.hpp>
#include <headrace/io/csv/scanner.hpp>
#include <headrace/io/file.hpp>
#include <headrace/io/part_file.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace {

namespace {

constexpr const char* kStage = "write_csv";
constexpr std::int64_t kRows = 4096;  // a block

/// Stacked rows as (their number, their text).
class ToText final : public Function {
 public:
  explicit ToText(csv::RowText rows) : rows_(std::move(rows)) {}

  Element operator()(const Element& rows) const override {
    const std::string lines = rows_.of(rows);
    static const StructurePtr pair = Structure::tuple({Structure::leaf(), Structure::leaf()});
    return {pair, {Tensor::scalar(rows.components.front().shape()[0]), Tensor::text_scalar(lines, bytes)}};
  }
  std::string name() const override { return "to_text"; }

 private:
  csv::RowText rows_;
};

Spec checked_row(const Dataset& dataset) {
  require(dataset.cardinality() != kInfinite, kStage, "the dataset must end, got an infinite one; use take()");
  const Spec row = dataset.element_spec();
  require<TypeError>(!row.structure->holds_values() && !row.components.empty(), kStage,
                     "elements must be scalars, got ", row.to_string());
  return row;
}

}  // namespace

void write_csv(const Dataset& dataset, std::int64_t epoch, const std::vector<std::int64_t>& seeds,
               const std::string& path, const CsvOptions& options) {
  require(!path.empty(), kStage, "path must name a file, got ''");
  const csv::Dialect dialect = csv::dialect_of(kStage, options.delimiter, "\"", std::nullopt);
  const csv::RowText rows(kStage, static_cast<char>(dialect.delimiter), checked_row(dataset));
  const std::string header = rows.header();
  PartFile part(kStage, path);
  OutputFile file(kStage, part.path());
  std::int64_t size = 0, count = 0;
  const auto append = [&](std::string_view text) {
    file.write_at(size, text.data(), text.size());
    size += static_cast<std::int64_t>(text.size());
  };
  if (options.header) append(header);
  const Map to_text{.map_func = std::make_shared<ToText>(rows), .num_parallel_calls = pool::default_threads()};
  Iterator iterator((dataset | Batch{kRows} | to_text).node_ptr(), epoch, seeds);
  for (;;) {
    const RowView view = iterator.peek();
    if (view.empty()) break;
    if (const FailurePtr failure = view.failure(0)) throw Failed{failure};
    const Element lines = view.element(0);
    iterator.advance();
    Host::current().poll();
    append(lines.components[1].text());
    count += lines.components[0].item<std::int64_t>();
    if (options.progress) options.progress(count);
  }
  file.close(size);
  part.finish();
}

void write_csv(Dataset& dataset, const std::string& path, const CsvOptions& options) {
  const std::int64_t epoch = dataset.next_epoch();
  dataset.set_next_epoch(epoch + 1);
  try {
    write_csv(dataset, epoch, {}, path, options);
  } catch (const Failed& failed) {
    std::rethrow_exception(failed.failure->error);
  }
}

}  // namespace headrace
