#include <headrace/io/tool/ingest/row_store.hpp>

#include <algorithm>
#include <filesystem>

#include <headrace/io/element_folder.hpp>
#include <headrace/io/folder_writer.hpp>
#include <headrace/io/load.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/digest.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::tool {
namespace {

constexpr std::int64_t kTogether = std::int64_t{1} << 20;  // bytes

class StoredNode final : public Node {
 public:
  explicit StoredNode(std::shared_ptr<const ElementFolder> folder) : Node({}), folder_(std::move(folder)) {}

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return folder_->count(); }
  std::optional<Spec> spec() const override { return folder_->manifest().spec(); }
  std::string identity() const override { return digest(folder_->manifest().to_json()); }

 protected:
  Element do_at(const Context&, std::int64_t position) const override { return folder_->element(position); }
  Rows do_gather(const Context&, const Positions& positions) const override {
    return folder_->gather_sweeping(positions);
  }

 private:
  std::shared_ptr<const ElementFolder> folder_;
};

std::int64_t bytes_of(const Manifest& manifest) {
  std::int64_t bytes = 0;
  for (const StoredComponent& component : manifest.components)
    bytes += component.values.bytes + (component.texts ? component.texts->bytes : 0);
  return bytes;
}

/// What load() gives, as a whole in memory or a window of each file.
struct Stored {
  std::string path;
  bool whole;
  static constexpr auto name = "stored_rows";
  static constexpr auto summary = "Gives the rows of a folder.";
  static constexpr auto details = "Order: as they were written; random access.";
  static constexpr auto options() {
    return std::tuple{required("path", &Stored::path, "the folder"),
                      required_hint("whole", &Stored::whole, "all of it may be in memory")};
  }
  Dataset operator()() const {
    if (whole) return Load{path, std::nullopt}();
    return Dataset(std::make_shared<StoredNode>(ElementFolder::open(name, path)));
  }
};

}  // namespace

Pass storing_pass(std::string_view stage, const Dataset& rows, std::string log) {
  const Spec row = rows.element_spec();
  require(row.fully_known(), stage, "rows must be of one shape to be shuffled with --on-error, got ", row.to_string(),
          "; leave one of the two out");
  const std::int64_t count = std::max<std::int64_t>(kTogether / std::max<std::int64_t>(row.nbytes(), 1), 1);
  return {stage, 0, rows | Batch{count}, stacked_spec(row, -1), std::move(log)};
}

StoredRows stored_rows(Journal& journal, const Pass& pass, const std::string& folder, std::int64_t room) {
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
  const std::int64_t bytes = bytes_of(ElementFolder::open(pass.stage, folder)->manifest());
  const bool whole = bytes <= room;
  return {make_source(Stored{folder, whole}), whole ? bytes : 0};
}

}  // namespace headrace::tool
