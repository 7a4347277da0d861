// How rows become one element: all in which batch, padded_batch, ragged_batch and sparse_batch differ.
#pragma once

#include <memory>

#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/slices.hpp>

namespace headrace {

struct PaddedBatch;

/// Immutable.
class Stacking {
 public:
  virtual ~Stacking() = default;
  /// Of a batch of `count` rows, -1 where that is not known; nullopt: only known by making one.
  virtual std::optional<Spec> spec(const Spec& row, std::int64_t count) const = 0;
  /// One element of the rows of `parts`, one part after the other. Throws Failed with the first failure in place,
  /// ValueError for rows that do not fit each other; `first` is the position of the first row, for the text.
  virtual Element stack(const Node& node, std::span<const Rows> parts, std::int64_t first) const = 0;
  /// A block of stacked rows is already what stack() makes of them, so that many batches can be cut from one.
  virtual bool keeps_blocks(const std::optional<Spec>&) const { return false; }
  /// Whether rows are welcome as slices, where upstream has them so; then stack_slices() is asked, too.
  virtual bool takes_slices() const { return false; }
  virtual Element stack_slices(const Node& node, const RowSlices& rows, std::int64_t first) const;
  /// What else makes a plan another one: see Node::identity.
  virtual std::string identity() const { return {}; }
};

/// The node of a stage that makes an element of every `size` rows.
std::shared_ptr<Node> make_batch_node(NodePtr upstream, std::int64_t size, bool drop_remainder,
                                      std::unique_ptr<const Stacking> stacking);

/// Equal rows under a new leading axis, as batch stacks them; and padded ones, as padded_batch does (its sizes do not
/// count here). `row` is what is known of the rows.
std::unique_ptr<const Stacking> make_equal_rows();
std::unique_ptr<const Stacking> make_padded_rows(const PaddedBatch& options, const std::optional<Spec>& row);

}  // namespace headrace
