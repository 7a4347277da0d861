#include <headrace/io/snapshot.hpp>

#include <headrace/io/folder_store.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

Dataset Snapshot::operator()(const Dataset& upstream) const {
  require(!path.empty(), name, "path must name a folder, got ''");
  require(upstream.cardinality() != kInfinite, name,
          "a snapshot must come to an end, got an infinite dataset; use take(n) first");
  FolderNote note{name, path + "/" + upstream.fingerprint(), upstream.fingerprint(), upstream.node().spec(), true};
  return cache_in_folder(upstream, std::move(note), "delete it, or give another path");
}

}  // namespace headrace
