#include <headrace/pipeline/shuffle.hpp>

#include <headrace/pipeline/permutation.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/shuffle_buffer.hpp>
#include <headrace/pipeline/slice.hpp>

namespace headrace {

namespace {

/// A random order of all positions.
class PermuteNode final : public ReindexNode {
 public:
  PermuteNode(NodePtr upstream, std::optional<std::int64_t> seed, bool reshuffle)
      : ReindexNode(std::move(upstream)), reshuffle_(reshuffle) {
    use_seed(seed);
  }
  bool gathers_views() const override { return false; }

 protected:
  Positions translate(const Context& context, const Positions& positions,
                      std::vector<std::int64_t>& scratch) const override {
    const Permutation order(up().cardinality(),
                            random_key(context.run.seed(*this), Shuffle::name, reshuffle_ ? context.epoch : 0));
    scratch.resize(static_cast<std::size_t>(positions.count));
    order.apply(positions, scratch.data());
    return Positions::of(scratch.data(), positions.count);
  }

 private:
  bool reshuffle_;
};

/// Blocks of `block` rows in random order; whole blocks are grouped into runs, and each run is permuted.
class PermuteRunsNode final : public ReindexNode {
 public:
  PermuteRunsNode(NodePtr upstream, std::int64_t block, std::int64_t blocks_per_run, std::optional<std::int64_t> seed,
                  bool reshuffle)
      : ReindexNode(std::move(upstream)),
        n_(up().cardinality()),
        block_(block),
        blocks_((n_ + block - 1) / block),
        per_run_(blocks_per_run),
        reshuffle_(reshuffle) {
    use_seed(seed);
  }
  bool gathers_views() const override { return false; }
  std::string remark() const override {
    return "runs of " + std::to_string(per_run_) + " blocks of " + std::to_string(block_) + " rows";
  }

 protected:
  Positions translate(const Context& context, const Positions& positions,
                      std::vector<std::int64_t>& scratch) const override {
    const std::uint64_t key = random_key(context.run.seed(*this), Shuffle::name, reshuffle_ ? context.epoch : 0);
    const Permutation blocks(blocks_, mix(key, 1));
    const std::int64_t short_rows = n_ - (blocks_ - 1) * block_;   // of the last block
    const std::int64_t short_place = blocks.inverse(blocks_ - 1);  // where it comes in the new order
    const std::int64_t missing = block_ - short_rows;
    const auto start_of = [&](std::int64_t place) { return place * block_ - (place > short_place ? missing : 0); };
    scratch.resize(static_cast<std::size_t>(positions.count));
    std::int64_t run = -1, begin = 0, end = 0;
    std::optional<Permutation> within;
    for (std::int64_t i = 0; i < positions.count; ++i) {
      const std::int64_t position = positions[i];
      if (position < begin || position >= end || run < 0) {
        run = run_of(position, short_place, missing);
        begin = start_of(run * per_run_);
        end = std::min(n_, start_of(std::min((run + 1) * per_run_, blocks_)));
        within.emplace(end - begin, mix(key, static_cast<std::uint64_t>(run) + 2));
      }
      const std::int64_t row = begin + (*within)(position - begin);  // in the order of blocks
      const std::int64_t place = block_of(row, short_place, missing);
      scratch[static_cast<std::size_t>(i)] = blocks(place) * block_ + (row - start_of(place));
    }
    return Positions::of(scratch.data(), positions.count);
  }

 private:
  /// The place, in the new order of blocks, of the block that row `row` of that order lies in.
  std::int64_t block_of(std::int64_t row, std::int64_t short_place, std::int64_t missing) const {
    const bool before_short_ends = row < short_place * block_ + (block_ - missing);
    return before_short_ends ? row / block_ : (row + missing) / block_;
  }
  std::int64_t run_of(std::int64_t row, std::int64_t short_place, std::int64_t missing) const {
    return block_of(row, short_place, missing) / per_run_;
  }

  std::int64_t n_, block_, blocks_, per_run_;
  bool reshuffle_;
};

}  // namespace

Dataset Shuffle::operator()(const Dataset& upstream) const {
  require(!buffer_size || *buffer_size >= 1, name, "buffer_size must be >= 1, got ", buffer_size.value_or(0),
          "; None shuffles all");
  const NodePtr up = upstream.node_ptr();
  if (up->access() != Access::random) {
    require(buffer_size.has_value(), name,
            "shuffle() without buffer_size needs random access; this dataset is a stream because of ",
            stream_cause(*up), "; give a buffer_size");
    return Dataset(make_shuffle_buffer(up, *buffer_size, seed, reshuffle_each_iteration));
  }
  const std::int64_t n = up->cardinality();
  if (n == kInfinite) {
    require(buffer_size.has_value(), name,
            "shuffle() without buffer_size needs a finite dataset, got an infinite one; give a buffer_size, or shuffle "
            "before repeat()");
    return Dataset(make_shuffle_buffer(up, *buffer_size, seed, reshuffle_each_iteration));
  }
  if (!buffer_size || *buffer_size >= n)
    return Dataset(std::make_shared<PermuteNode>(up, seed, reshuffle_each_iteration));
  const std::int64_t block = up->block_rows() > 0 ? up->block_rows() : *buffer_size;
  const std::int64_t per_run = std::max<std::int64_t>(1, *buffer_size / block);
  if (*buffer_size == 1) return Dataset(std::make_shared<SliceNode>(up, 0, 1, kInfinite));  // keeps the order
  return Dataset(std::make_shared<PermuteRunsNode>(up, block, per_run, seed, reshuffle_each_iteration));
}

}  // namespace headrace
