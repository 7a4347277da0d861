// A node of a plan: what a stage knows and how it is read. Immutable once attached; nothing runs until it is opened.
// The interface that a new stage implements: derive from SourceNode, ReindexNode, TransformNode or StageNode below it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <headrace/pipeline/cursor.hpp>
#include <headrace/pipeline/rows.hpp>

namespace headrace {

class Node;
class Run;
class Tally;
struct RowSlices;
struct RunOptions;
struct StageCall;
using NodePtr = std::shared_ptr<const Node>;

/// Cardinality: a number, or one of these.
inline constexpr std::int64_t kInfinite = -1;
inline constexpr std::int64_t kUnknown = -2;

enum class Access : unsigned char {
  random,  // positions can be computed: at() and gather() work
  pieces,  // each position of a random-access base gives 0..n rows
  stream,  // only in sequence
};

/// What a read needs to know. The epoch changes under repeat and cache.
struct Context {
  Run& run;
  std::int64_t epoch = 0;
  class StageClock* clock = nullptr;  // set in the ticket that is timed stage by stage

  Context at_epoch(std::int64_t other) const { return {run, other, clock}; }
};

class Node : public std::enable_shared_from_this<Node> {
 public:
  virtual ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // --- what is known without reading -----------------------------------------------------------------------------
  const StageCall& call() const { return *call_; }
  const std::string& label() const;  // "batch", or "batch 'train'" with name=
  const std::vector<NodePtr>& upstream() const { return upstream_; }
  /// What the stage was attached to, as its user wrote it; nullptr for a source.
  virtual NodePtr attached_to() const { return upstream_.empty() ? nullptr : upstream_.front(); }
  virtual Access access() const = 0;
  virtual std::int64_t cardinality() const = 0;
  /// nullopt: only known by computing an element.
  virtual std::optional<Spec> spec() const = 0;
  /// Random access only: gather() of an arithmetic range is a view and costs next to nothing.
  virtual bool gathers_views() const { return false; }
  /// A function in this very node that must run on the consumer's thread, only when its output is asked for.
  virtual bool runs_inline() const { return false; }
  /// That, in this node or anything that it reads on the same thread.
  virtual bool reads_inline() const;
  /// User functions that may run at once: the threads this stage asks for, 0 for none.
  virtual int wanted_threads() const { return 0; }
  /// What a source can only read together (an HDF5 chunk), here: where rows stand as they do there.
  struct Blocks {
    std::int64_t rows = 0;   // of each; 0: any row by itself
    std::int64_t bytes = 0;  // of all blocks: what must be kept for rows in any order to read each once
  };
  virtual Blocks blocks() const { return {}; }
  /// Every element is a batch, of rows_per_element rows but for a shorter last one; total 0 where not so.
  struct Batches {
    std::int64_t rows_per_element = 0;
    std::int64_t total = 0;
  };
  virtual Batches batches() const;
  /// The seed of a random stage and whether it was drawn because none was given.
  struct Seed {
    std::int64_t value;
    bool drawn;
    bool own;  // the stage itself is random; else only datasets made by its function may be
  };
  const std::optional<Seed>& seed() const { return seed_; }
  /// What besides the options makes this plan another one (a source's dtypes and sizes): for the fingerprint.
  virtual std::string identity() const { return {}; }
  /// False for stages that do not change what comes out (prefetch, with_options): left out of the fingerprint.
  virtual bool changes_elements() const { return true; }
  /// What with_options set here, or nullptr.
  virtual const RunOptions* run_options() const { return nullptr; }
  /// One remark for explain(), or nothing.
  virtual std::string remark() const { return {}; }

  // --- random access: position -> element. Positions are trusted to be in range. Thread-safe. ----------------------
  /// One element. Throws its error.
  Element at(const Context& context, std::int64_t position) const;
  /// The elements at `positions`, stacked where they can be; errors in their places.
  Rows gather(const Context& context, const Positions& positions) const;
  /// Whether elements are known as places in arrays, so that rows of differing sizes can be read in bulk by slices().
  virtual bool has_slices() const { return false; }
  /// The elements at `positions` so; only where has_slices().
  RowSlices slices(const Context& context, const Positions& positions) const;
  /// What gather gives into rows `to` of `columns`; only where spec() is fully known and of fixed-size items. Errors
  /// are added to `failures` with their place in the destination.
  virtual void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns,
                           const Positions& to, std::vector<FailedRow>& failures) const;

  // --- in sequence --------------------------------------------------------------------------------------------------
  /// A cursor at the first element; open() below chooses between this one and a parallel window. Default: position by
  /// position.
  virtual std::unique_ptr<Cursor> open_stream(const Context& context) const;

  // --- accounts -----------------------------------------------------------------------------------------------------
  /// Random access: adds what reading `outputs` means for this stage and those it reads from.
  virtual void tally(const Context& context, const Positions& outputs, Tally& tally) const;
  /// What tally adds follows from the number of positions alone.
  virtual bool tallies_by_count() const;

 protected:
  explicit Node(std::vector<NodePtr> upstream);
  virtual Element do_at(const Context& context, std::int64_t position) const;
  virtual Rows do_gather(const Context& context, const Positions& positions) const;
  virtual RowSlices do_slices(const Context& context, const Positions& positions) const;
  /// For random stages, in the constructor: takes the given seed or draws one.
  void use_seed(std::optional<std::int64_t> seed);
  /// For stages whose function makes datasets, which may be random.
  void use_seed_for_inner();

 private:
  friend struct Attach;
  std::vector<NodePtr> upstream_;
  std::unique_ptr<StageCall> call_;
  std::string label_;
  std::optional<Seed> seed_;
};

/// The cursor of any plan: a parallel window where nothing in it must run on the consumer's thread, else in sequence.
std::unique_ptr<Cursor> open(const Node& node, const Context& context);

/// "filter()": the stage that makes a plan a stream.
std::string stream_cause(const Node& node);
/// See Dataset::fingerprint.
std::string fingerprint_of(const Node& node);

/// A stage of one input. Everything is as upstream unless overridden.
class StageNode : public Node {
 public:
  Access access() const override { return up().access(); }
  std::int64_t cardinality() const override { return up().cardinality(); }
  std::optional<Spec> spec() const override { return up().spec(); }
  const Node& up() const { return *upstream().front(); }

 protected:
  explicit StageNode(NodePtr upstream) : Node({std::move(upstream)}) {}
};

/// A stage that gives upstream's elements in other places: only positions are computed, nothing is moved twice.
class ReindexNode : public StageNode {
 public:
  bool gathers_views() const override { return up().gathers_views(); }
  bool has_slices() const override { return up().has_slices(); }
  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override;
  void tally(const Context& context, const Positions& outputs, Tally& tally) const override;

 protected:
  using StageNode::StageNode;
  /// Output positions to upstream's. A list is made in `scratch`, which outlives the result.
  virtual Positions translate(const Context& context, const Positions& positions,
                              std::vector<std::int64_t>& scratch) const = 0;
  /// The context upstream is read in.
  virtual Context upstream_context(const Context& context) const { return context; }

  Element do_at(const Context& context, std::int64_t position) const override;
  Rows do_gather(const Context& context, const Positions& positions) const override;
  RowSlices do_slices(const Context& context, const Positions& positions) const override;
};

}  // namespace headrace
