#include <headrace/pipeline/flat_map.hpp>

#include <headrace/pipeline/interleave_node.hpp>

namespace headrace {

Dataset FlatMap::operator()(const Dataset& upstream) const {
  require<TypeError>(map_func != nullptr, name, "map_func must be a function, got None");
  return interleaved(upstream, map_func, {1, INT64_MAX, 1});
}

}  // namespace headrace
