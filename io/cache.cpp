#include <headrace/io/cache.hpp>

#include <headrace/io/folder_store.hpp>
#include <headrace/pipeline/cache.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

Dataset Cache::operator()(const Dataset& upstream) const {
  if (filename.empty()) return cache_in_memory(upstream);
  require(upstream.cardinality() != kInfinite, name,
          "a folder must come to an end, got an infinite dataset; use take(n) first");
  FolderNote note{name, filename, upstream.fingerprint(), upstream.node().spec(), false};
  return cache_in_folder(upstream, std::move(note), "delete it, or give another filename");
}

}  // namespace headrace
