#include <headrace/pipeline/take.hpp>

#include <headrace/pipeline/slice.hpp>

namespace headrace {

Dataset Take::operator()(const Dataset& upstream) const {
  return Dataset(std::make_shared<SliceNode>(upstream.node_ptr(), 0, 1, count < 0 ? kInfinite : count));
}

}  // namespace headrace
