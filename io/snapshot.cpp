#include <headrace/io/snapshot.hpp>

#include <sys/stat.h>

#include <cerrno>

#include <headrace/io/file.hpp>
#include <headrace/io/folder_store.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

Dataset Snapshot::operator()(const Dataset& upstream) const {
  require(!path.empty(), name, "path must name a folder, got ''");
  require(upstream.cardinality() != kInfinite, name,
          "a snapshot must come to an end, got an infinite dataset; use take(n) first");
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) throw_io(name, "create", path);
  return cache_in_folder(upstream, name, path + "/" + upstream.fingerprint(), "delete it, or give another path");
}

}  // namespace headrace
