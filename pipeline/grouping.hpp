// Stages that collect elements by key until a group is full: group_by_window, bucket_by_sequence_length.
#pragma once

#include <headrace/pipeline/node.hpp>

namespace headrace {

struct InputAnchor;

/// Groups are given as they fill; at the end what is left, by ascending key. A stream. Its state names the places of
/// the elements held; restoring reads from the oldest of them on. Where upstream has slices only the places are held.
class GroupingNode : public StageNode {
 public:
  struct Group {
    std::int64_t key = 0;
    std::vector<std::int64_t> ordinals;              // the places of its members in the input
    std::vector<Outcome> members;                    // good ones only; none where places are enough
    std::int64_t longest = 0;                        // the largest `length` among them
    std::int64_t size = 0;                           // so many make it full
    std::shared_ptr<const InputAnchor> anchor = {};  // where reading its first member again begins

    std::int64_t count() const { return static_cast<std::int64_t>(ordinals.size()); }
    Positions positions() const { return Positions::of(ordinals.data(), count()); }
  };
  struct Placed {
    std::int64_t key;
    std::int64_t length = 0;  // for stages whose groups end by length
  };

  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override;
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  /// Which group an element belongs to. Whatever it throws is the element's error.
  virtual Placed place(const Element& element) const = 0;
  /// Whether that follows from an array's first size alone: then place_length is asked where sizes are known.
  virtual bool places_by_length() const { return false; }
  virtual Placed place_length(std::int64_t length) const;
  /// How many members make the group of `key` full, >= 1.
  virtual std::int64_t size_of(std::int64_t key) const = 0;
  /// Whether `group` is to be given before an element of this length joins it.
  virtual bool ends_before(const Group& group, std::int64_t length) const { return (void)group, (void)length, false; }
  /// What a group becomes; its members may be moved from. `ordinal` counts groups. The last ones may not be full;
  /// nullptr drops it.
  virtual std::unique_ptr<Cursor> given(const Context& context, Group& group, std::int64_t ordinal) const = 0;

 protected:
  using StageNode::StageNode;
};

}  // namespace headrace
