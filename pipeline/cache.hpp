// Elements kept the first time they are read: what the stages cache and snapshot of io/ are made of.
#pragma once

#include <headrace/pipeline/cache_store.hpp>
#include <headrace/pipeline/dataset.hpp>

namespace headrace {

/// In memory, whatever the access of `upstream`. Everything before it is read as epoch 0.
Dataset cache_in_memory(const Dataset& upstream);

/// The same with a store of one's own; `upstream` must be random access for the first and need not be for the second.
Dataset cache_positions(const Dataset& upstream, std::unique_ptr<PositionStore> store);
Dataset cache_passes(const Dataset& upstream, std::unique_ptr<PassStore> store);

}  // namespace headrace
