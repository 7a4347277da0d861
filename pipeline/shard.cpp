#include <headrace/pipeline/shard.hpp>

#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/slice.hpp>

namespace headrace {

Dataset Shard::operator()(const Dataset& upstream) const {
  require(num_shards >= 1, name, "num_shards must be >= 1, got ", num_shards);
  require(index >= 0 && index < num_shards, name, "index must be within [0, ", num_shards, "), got ", index);
  for (const Node* node : nodes_of(upstream.node())) {
    require(num_shards == 1 || !node->seed() || !node->seed()->drawn || !node->seed()->own, name,
            "num_shards must be 1 downstream of ", node->label(), "() without a seed, got ", num_shards,
            "; every process would draw another order: give it a seed, or shard first");
  }
  return Dataset(std::make_shared<SliceNode>(upstream.node_ptr(), index, num_shards, kInfinite));
}

}  // namespace headrace
