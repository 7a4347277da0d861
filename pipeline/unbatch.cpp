#include <headrace/pipeline/unbatch.hpp>

#include <headrace/pipeline/unbatch_node.hpp>

namespace headrace {

Dataset Unbatch::operator()(const Dataset& upstream) const {
  if (const auto spec = upstream.node().spec()) require_rows(name, *spec);
  return Dataset(std::make_shared<UnbatchNode>(upstream.node_ptr()));
}

}  // namespace headrace
