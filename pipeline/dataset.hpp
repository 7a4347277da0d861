// A plan, as its user holds it. Cheap to copy; safe to share between threads, except for the epoch count.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <headrace/tensor/element.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace {

class Node;
class Iterator;
struct Attach;

class Dataset {
 public:
  Dataset() = default;
  explicit Dataset(std::shared_ptr<Node> node) : node_(std::move(node)) {}

  /// The number of elements, or kInfinite (-1), or kUnknown (-2). Reads nothing.
  std::int64_t cardinality() const;
  bool random_access() const;
  /// What elements look like. After a function whose results aren't known this computes one element in a throw-away
  /// run; throws ValueError where there is none.
  Spec element_spec() const;
  /// Starts the next epoch: 0, 1, 2 ... for this object. A copy counts for itself.
  Iterator iterate();
  /// Starts epoch number `epoch` and leaves the count alone.
  Iterator iterate(std::int64_t epoch) const;
  /// The element at a position of epoch 0; negative ones count from the end. Random access only. IndexError past the
  /// end.
  Element operator[](std::int64_t position) const;
  /// Some positions of epoch 0 as one stacked element with a leading axis.
  Element gather(std::span<const std::int64_t> positions) const;
  /// The same two, but an element's own error is thrown as Failed, with its notes.
  Element read(std::int64_t position) const;
  Element read(std::span<const std::int64_t> positions) const;
  /// The plan as text, a line a stage, the source last.
  std::string explain() const;
  /// 16 hexadecimal digits over everything that decides which elements come; see API.md, "Iterators and state".
  std::string fingerprint() const;

  const Node& node() const { return *node_; }
  std::shared_ptr<const Node> node_ptr() const { return node_; }
  std::int64_t next_epoch() const { return next_epoch_; }
  void set_next_epoch(std::int64_t epoch) { next_epoch_ = epoch; }
  explicit operator bool() const { return node_ != nullptr; }

 private:
  friend struct Attach;
  std::shared_ptr<Node> node_;
  std::int64_t next_epoch_ = 0;
};

/// Datasets in a structure: what zip takes.
struct DatasetTree {
  StructurePtr structure = Structure::leaf();
  std::vector<Dataset> datasets;
};

}  // namespace headrace
