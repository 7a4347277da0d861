#include <headrace/io/folder_store.hpp>

#include <unistd.h>

#include <filesystem>

#include <headrace/io/file.hpp>
#include <headrace/io/folder_place.hpp>
#include <headrace/pipeline/cache.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

namespace fs = std::filesystem;

/// A folder, or what it will be made in, that names can be put into.
void require_writable(const FolderNote& note) {
  std::error_code error;
  std::string parent = parent_of(note.path);
  if (note.makes_parent && !fs::exists(parent, error)) parent = parent_of(parent);
  if (::access(parent.c_str(), W_OK | X_OK) != 0) throw_io(note.stage, "write to", parent, "make the folder first");
}

}  // namespace

FolderPlace::FolderPlace(FolderNote note, std::int64_t count, std::string way_out)
    : note_(std::move(note)), count_(count), way_out_(std::move(way_out)) {
  look();
}

FolderPtr FolderPlace::look() {
  const std::lock_guard lock(mutex_);
  if (folder_) return folder_;
  auto folder = ElementFolder::open_if_there(note_.stage, note_.path);
  if (folder) check(*folder);
  folder_ = std::move(folder);
  found_.store(folder_.get(), std::memory_order_release);
  return folder_;
}

void FolderPlace::check(const ElementFolder& folder) const {
  const Manifest& manifest = folder.manifest();
  require(manifest.fingerprint == note_.fingerprint, note_.stage, "'", note_.path,
          "' must hold the elements of this plan, ", note_.fingerprint, ", got those of ", manifest.fingerprint, "; ",
          way_out_);
  const auto spec = manifest.spec();
  const bool fits = !spec || !note_.spec || common(*note_.spec, *spec);
  require(fits && (count_ < 0 || count_ == folder.count()), note_.stage, "'", note_.path, "' must hold ",
          note_.spec ? note_.spec->to_string() : "?", " x ", count_, ", got ", spec ? spec->to_string() : "?", " x ",
          folder.count(), "; ", way_out_);
}

Dataset cache_in_folder(const Dataset& upstream, FolderNote note, std::string way_out) {
  note.path = fs::absolute(note.path).string();  // runs may begin in another folder
  const bool positions = upstream.random_access();
  const std::int64_t count = positions ? upstream.cardinality() : kUnknown;
  auto place = std::make_unique<FolderPlace>(std::move(note), count, std::move(way_out));
  if (!place->found()) require_writable(place->note());
  if (positions) return cache_positions(upstream, make_folder_positions(std::move(place), count));
  return cache_passes(upstream, make_folder_passes(std::move(place)));
}

}  // namespace headrace
