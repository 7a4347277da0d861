#include <headrace/pipeline/skip.hpp>

#include <headrace/pipeline/slice.hpp>

namespace headrace {

Dataset Skip::operator()(const Dataset& upstream) const {
  const bool all = count < 0;
  return Dataset(std::make_shared<SliceNode>(upstream.node_ptr(), all ? 0 : count, 1, all ? 0 : kInfinite));
}

}  // namespace headrace
