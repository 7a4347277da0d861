#include <headrace/pipeline/shuffle.hpp>

#include <atomic>

#include <headrace/pipeline/permutation.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/shuffle_buffer.hpp>
#include <headrace/pipeline/slice.hpp>
#include <headrace/pipeline/warn.hpp>

namespace headrace {

namespace {

/// "64.0"
std::string megabytes(std::int64_t bytes) {
  const std::int64_t tenths = bytes / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

/// A random order of all positions.
class PermuteNode final : public ReindexNode {
 public:
  PermuteNode(NodePtr upstream, std::optional<std::int64_t> seed, bool reshuffle)
      : ReindexNode(std::move(upstream)), reshuffle_(reshuffle), kept_(up().blocks().bytes) {
    use_seed(seed);
  }
  bool gathers_views() const override { return false; }

 protected:
  Positions translate(const Context& context, const Positions& positions,
                      std::vector<std::int64_t>& scratch) const override {
    if (kept_ > context.run.memory_for_cache() && !warned_.exchange(true)) warn(reads_again(context.run));
    const Permutation order(up().cardinality(),
                            random_key(context.run.seed(*this), Shuffle::name, reshuffle_ ? context.epoch : 0));
    scratch.resize(static_cast<std::size_t>(positions.count));
    order.apply(positions, scratch.data());
    return Positions::of(scratch.data(), positions.count);
  }

 private:
  std::string reads_again(const Run& run) const {
    const std::int64_t room = run.memory_for_cache();
    const std::int64_t row_bytes = std::max<std::int64_t>(kept_ / up().cardinality(), 1);
    return sentence(label(), "a full shuffle() should find in memory what its rows are decoded from, got ",
                    megabytes(kept_), " MB for the ", megabytes(room),
                    " MB that memory_limit leaves, so that the same is decoded again and again; shuffle(buffer_size=",
                    std::max<std::int64_t>(room / 2 / row_bytes, 1),
                    ") decodes all once an epoch, with_options(memory_limit=", (kept_ / 3 + 1) * 4,
                    ") keeps all, and of smaller chunks (write_hdf5(chunk_rows=...)) less is decoded for each row");
  }

  bool reshuffle_;
  std::int64_t kept_;  // bytes that upstream must keep to read each of its blocks once
  mutable std::atomic<bool> warned_ = false;
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
    std::int64_t rows[kTogether], places[kTogether];  // in the new order of blocks
    std::int64_t run = -1, begin = 0, end = 0;
    std::optional<Permutation> within;
    for (std::int64_t i = 0, n = 0; i < positions.count; i += n) {
      if (positions[i] < begin || positions[i] >= end) {
        run = run_of(positions[i], short_place, missing);
        begin = start_of(run * per_run_);
        end = std::min(n_, start_of(std::min((run + 1) * per_run_, blocks_)));
        within.emplace(end - begin, mix(key, static_cast<std::uint64_t>(run) + 2));
      }
      const auto in_run = [&](std::int64_t k) { return positions[k] >= begin && positions[k] < end; };
      for (n = 0; n < kTogether && i + n < positions.count && in_run(i + n); ++n) rows[n] = positions[i + n] - begin;
      within->apply(Positions::of(rows, n), rows);
      for (std::int64_t k = 0; k < n; ++k) places[k] = block_of(begin + rows[k], short_place, missing);
      std::int64_t* const to = scratch.data() + i;
      blocks.apply(Positions::of(places, n), to);
      for (std::int64_t k = 0; k < n; ++k) to[k] = to[k] * block_ + (begin + rows[k] - start_of(places[k]));
    }
    return Positions::of(scratch.data(), positions.count);
  }

 private:
  static constexpr int kTogether = 256;  // permuted at once
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
  const std::int64_t block_rows = up->blocks().rows;
  const std::int64_t block = block_rows > 0 ? block_rows : *buffer_size;
  const std::int64_t per_run = std::max<std::int64_t>(1, *buffer_size / block);
  if (*buffer_size == 1) return Dataset(std::make_shared<SliceNode>(up, 0, 1, kInfinite));  // keeps the order
  return Dataset(std::make_shared<PermuteRunsNode>(up, block, per_run, seed, reshuffle_each_iteration));
}

}  // namespace headrace
