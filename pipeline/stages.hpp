// The sources and stages of this room: a new one is one line here and one include. io/stages.hpp adds its own to them.
#pragma once

#include <tuple>
#include <vector>

#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/bucket_by_sequence_length.hpp>
#include <headrace/pipeline/choose_from_datasets.hpp>
#include <headrace/pipeline/concatenate.hpp>
#include <headrace/pipeline/counter.hpp>
#include <headrace/pipeline/enumerate.hpp>
#include <headrace/pipeline/filter.hpp>
#include <headrace/pipeline/flat_map.hpp>
#include <headrace/pipeline/from_generator.hpp>
#include <headrace/pipeline/group_by_window.hpp>
#include <headrace/pipeline/ignore_errors.hpp>
#include <headrace/pipeline/interleave.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/padded_batch.hpp>
#include <headrace/pipeline/prefetch.hpp>
#include <headrace/pipeline/ragged_batch.hpp>
#include <headrace/pipeline/random_source.hpp>
#include <headrace/pipeline/range.hpp>
#include <headrace/pipeline/rebatch.hpp>
#include <headrace/pipeline/rejection_resample.hpp>
#include <headrace/pipeline/repeat.hpp>
#include <headrace/pipeline/sample_from_datasets.hpp>
#include <headrace/pipeline/scan.hpp>
#include <headrace/pipeline/shard.hpp>
#include <headrace/pipeline/shuffle.hpp>
#include <headrace/pipeline/skip.hpp>
#include <headrace/pipeline/sparse_batch.hpp>
#include <headrace/pipeline/stage.hpp>
#include <headrace/pipeline/take.hpp>
#include <headrace/pipeline/take_while.hpp>
#include <headrace/pipeline/tensors.hpp>
#include <headrace/pipeline/unbatch.hpp>
#include <headrace/pipeline/unique.hpp>
#include <headrace/pipeline/window.hpp>
#include <headrace/pipeline/with_options.hpp>
#include <headrace/pipeline/zip.hpp>

namespace headrace {

using Sources = std::tuple<ChooseFromDatasets, Counter, FromGenerator, FromTensorSlices, FromTensors, Random, Range,
                           SampleFromDatasets, Zip>;
using Stages =
    std::tuple<Batch, BucketBySequenceLength, Concatenate, Enumerate, Filter, FlatMap, GroupByWindow, IgnoreErrors,
               Interleave, Map, PaddedBatch, Prefetch, RaggedBatch, Rebatch, RejectionResample, Repeat, Scan, Shard,
               Shuffle, Skip, SparseBatch, Take, TakeWhile, Unbatch, Unique, Window, WithOptions>;

namespace detail {
template <class List>
struct Infos;
template <class... S>
struct Infos<std::tuple<S...>> {
  static void append(std::vector<const StageInfo*>& all) { (all.push_back(&stage_info<S>()), ...); }
};
}  // namespace detail

/// Some lists, one after the other, as data.
template <class... Lists>
std::vector<const StageInfo*> stage_infos() {
  std::vector<const StageInfo*> all;
  (detail::Infos<Lists>::append(all), ...);
  return all;
}

}  // namespace headrace
