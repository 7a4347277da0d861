// What a grouping stage reads: a stream, whose elements it holds, or slices, of which the places are enough.
#pragma once

#include <headrace/pipeline/grouping.hpp>
#include <headrace/pipeline/mark.hpp>

namespace headrace {

/// The elements one by one.
class GroupingInput {
 public:
  using Group = GroupingNode::Group;
  using Placed = GroupingNode::Placed;
  struct Member {
    std::int64_t ordinal;
    Group* group;
  };

  virtual ~GroupingInput() = default;
  /// Looks at the next element: where it belongs, or the error that it is. False at the end. An Interrupt changes
  /// nothing.
  bool peek();
  const Placed& placed() const { return *placed_; }
  const FailurePtr& failure() const { return failure_; }
  /// Goes on; the element joins `group`, or with nullptr is passed by.
  void take(Group* group);
  /// How many elements went by.
  std::int64_t taken() const { return taken_; }
  /// Enters that upstream gave them.
  virtual void count() {}

  /// Appends where it stands; `oldest` is the first of the groups' anchors, or nullptr.
  void mark(Mark& out, const InputAnchor* oldest) const;
  /// Goes to a mark; on its way reads the elements that were held, in the order of their places.
  void restore(MarkReader& in, std::span<const Member> held);

 protected:
  explicit GroupingInput(const GroupingNode& node) : node_(node) {}
  /// Where the next element belongs. Throws what place() throws; an error that came from upstream is put in `failed`.
  virtual std::optional<Placed> place_next(FailurePtr& failed) = 0;
  virtual void keep_next(Group& group) = 0;
  virtual void go_on() = 0;
  /// Goes on to `ordinal`, not before taken(); false where there is no such element.
  virtual bool go_to(std::int64_t ordinal) = 0;
  virtual void mark_upstream(Mark& out, const InputAnchor* oldest) const = 0;
  virtual void restore_upstream(MarkReader& in) = 0;

  const GroupingNode& node_;
  std::int64_t taken_ = 0;
  bool restoring_ = false;  // looks at few elements, far from each other

 private:
  std::optional<Placed> placed_;
  FailurePtr failure_;
};

std::unique_ptr<GroupingInput> open_grouping_input(const GroupingNode& node, const Context& context);

}  // namespace headrace
