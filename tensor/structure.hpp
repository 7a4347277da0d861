// How the components of an element are nested. Leaves are numbered depth first, in order.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace headrace {

/// What a named container is in the user's language (a namedtuple, a dataclass): opaque here, compared by name.
class ContainerTag {
 public:
  virtual ~ContainerTag() = default;
  virtual std::string name() const = 0;  // "module.Class"
};

/// A value that an element carries as it is, without tensors (a dataset), or in a spec its description.
class Held {
 public:
  virtual ~Held() = default;
  virtual std::string to_string() const = 0;
  /// The very same value, or the description of the other.
  virtual bool same_as(const Held& other) const = 0;
};

class Structure;
using StructurePtr = std::shared_ptr<const Structure>;

/// Immutable.
class Structure {
 public:
  // named: a tuple with field names and a tag; held: a value without tensors
  enum class Kind : unsigned char { leaf, none, tuple, dict, named, held };

  static const StructurePtr& leaf();  // one shared instance
  static const StructurePtr& none();
  static StructurePtr tuple(std::vector<StructurePtr> children);
  static StructurePtr dict(std::vector<std::string> keys, std::vector<StructurePtr> children);
  static StructurePtr named(std::vector<std::string> keys, std::vector<StructurePtr> children,
                            std::shared_ptr<const ContainerTag> tag);
  static StructurePtr held(std::shared_ptr<const Held> value);

  /// The same container around other children.
  StructurePtr with_children(std::vector<StructurePtr> children) const;
  /// The structure with its leaves replaced by `parts`, in order, as many as leaf_count().
  StructurePtr with_leaves(std::span<const StructurePtr> parts) const;

  Kind kind() const { return kind_; }
  int leaf_count() const { return leaf_count_; }
  const std::vector<std::string>& keys() const { return keys_; }
  const std::vector<StructurePtr>& children() const { return children_; }
  const std::shared_ptr<const ContainerTag>& tag() const { return tag_; }

  const std::shared_ptr<const Held>& value() const { return value_; }  // of kind held
  /// A value is held somewhere in it: then elements are not told by their tensors alone.
  bool holds_values() const { return holds_values_; }

  /// The same nesting and names; dicts may order their keys differently.
  bool same_as(const Structure& other) const;
  /// For each leaf of this structure, the number of the leaf of `other` that stands for it. Needs same_as(other).
  /// Empty where the order is the same.
  std::vector<int> leaf_order_in(const Structure& other) const;
  /// "(., {'label': .})"; `leaf_text(number)` stands for each leaf, if given.
  std::string to_string() const;
  std::string to_string(const std::function<std::string(int)>& leaf_text) const;
  /// A leaf's place, "[1]['label']" or ".label", for error texts; "" where the leaf is all there is.
  std::string leaf_path(int leaf) const;

 private:
  Structure() = default;
  static StructurePtr make(Kind kind, std::vector<std::string> keys, std::vector<StructurePtr> children,
                           std::shared_ptr<const ContainerTag> tag = nullptr);
  std::string text_from(int leaf, const std::function<std::string(int)>& leaf_text) const;

  Kind kind_ = Kind::leaf;
  int leaf_count_ = 1;
  std::vector<std::string> keys_;
  std::vector<StructurePtr> children_;
  std::shared_ptr<const ContainerTag> tag_;
  std::shared_ptr<const Held> value_;
  bool holds_values_ = false;
};

}  // namespace headrace
