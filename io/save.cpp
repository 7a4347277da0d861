#include <headrace/io/save.hpp>

#include <filesystem>
#include <set>

#include <headrace/io/element_folder.hpp>
#include <headrace/io/folder_writer.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

namespace fs = std::filesystem;
constexpr auto kStage = "save";

/// What stands at `path` goes when the new folder comes: only a folder of elements may, and nothing of anybody's else.
void require_replaceable(const std::string& path) {
  const auto there = ElementFolder::manifest_if_there(kStage, path);
  if (!there) return;
  std::set<std::string> ours{Manifest::kFile};
  for (const auto& component : there->components) {
    for (const auto* file : {&component.starts, &component.shapes, &component.texts}) {
      if (*file) ours.insert((*file)->name);
    }
    ours.insert(component.values.name);
  }
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    require(ours.count(name) > 0, kStage, "'", path, "' holds '", name,
            "' besides elements; move it, or save elsewhere");
  }
}

}  // namespace

void save(Iterator& iterator, const Dataset& dataset, const std::string& path) {
  require(!path.empty(), kStage, "path must name a folder, got ''");
  require_replaceable(path);
  FolderWriter writer({kStage, path, dataset.fingerprint(), dataset.node().spec(), false});
  std::int64_t count = 0;
  for (;; ++count) {
    const RowView row = iterator.peek();
    if (row.empty()) break;
    if (const FailurePtr failure = row.failure(0)) throw Failed{failure};
    writer.put(count, row);
    iterator.advance();
    if (count % 256 == 255) Host::current().poll();
  }
  const Away away;  // bringing it to the disk may take long
  writer.replace(count);
}

void save(Dataset& dataset, const std::string& path) {
  Iterator iterator = dataset.iterate();
  try {
    save(iterator, dataset, path);
  } catch (const Failed& failed) {
    std::rethrow_exception(failed.failure->error);
  }
}

}  // namespace headrace
