// The one list of sources and stages. The Python methods, the reference and the contract tests read it; a new stage is
// one line here and one include.
#pragma once

#include <tuple>
#include <vector>

#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/cache.hpp>
#include <headrace/pipeline/concatenate.hpp>
#include <headrace/pipeline/enumerate.hpp>
#include <headrace/pipeline/filter.hpp>
#include <headrace/pipeline/flat_map.hpp>
#include <headrace/pipeline/group_by_window.hpp>
#include <headrace/pipeline/interleave.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/padded_batch.hpp>
#include <headrace/pipeline/prefetch.hpp>
#include <headrace/pipeline/ragged_batch.hpp>
#include <headrace/pipeline/range.hpp>
#include <headrace/pipeline/rebatch.hpp>
#include <headrace/pipeline/repeat.hpp>
#include <headrace/pipeline/shard.hpp>
#include <headrace/pipeline/shuffle.hpp>
#include <headrace/pipeline/skip.hpp>
#include <headrace/pipeline/sparse_batch.hpp>
#include <headrace/pipeline/stage.hpp>
#include <headrace/pipeline/take.hpp>
#include <headrace/pipeline/tensors.hpp>
#include <headrace/pipeline/unbatch.hpp>
#include <headrace/pipeline/window.hpp>
#include <headrace/pipeline/with_options.hpp>
#include <headrace/pipeline/zip.hpp>

namespace headrace {

using Sources = std::tuple<FromTensorSlices, FromTensors, Range, Zip>;
using Stages = std::tuple<Batch, Cache, Concatenate, Enumerate, Filter, FlatMap, GroupByWindow, Interleave, Map, PaddedBatch,
                          Prefetch, RaggedBatch, Rebatch, Repeat, Shard, Shuffle, Skip, SparseBatch, Take, Unbatch, Window,
                          WithOptions>;

/// The same as data, sources first.
const std::vector<const StageInfo*>& all_stages();

}  // namespace headrace
