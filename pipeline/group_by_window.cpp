#include <headrace/pipeline/group_by_window.hpp>

#include <headrace/pipeline/grouping.hpp>
#include <headrace/pipeline/held_rows.hpp>
#include <headrace/pipeline/inner_cursor.hpp>
#include <headrace/pipeline/numbers.hpp>

namespace headrace {

namespace {

class GroupByWindowNode final : public GroupingNode {
 public:
  GroupByWindowNode(NodePtr upstream, const GroupByWindow& stage) : GroupingNode(std::move(upstream)), stage_(stage) {
    use_seed_for_inner();
  }
  std::optional<Spec> spec() const override { return std::nullopt; }
  bool runs_inline() const override {
    return !stage_.key_func->concurrent() || !stage_.reduce_func->concurrent() ||
           (stage_.window_size_func && !stage_.window_size_func->concurrent());
  }

  Placed place(const Element& element) const override {
    return {integer_of((*stage_.key_func)(element), label(), "key_func must return")};
  }
  std::int64_t size_of(std::int64_t key) const override {
    if (stage_.window_size) return *stage_.window_size;
    const std::int64_t size =
        integer_of((*stage_.window_size_func)(Tensor::scalar(key)), label(), "window_size_func must return");
    require(size >= 1, label(), "window_size_func must return a size >= 1, got ", size, " for key ", key);
    return size;
  }
  std::unique_ptr<Cursor> given(const Context& context, Group& group, std::int64_t ordinal) const override {
    const StructurePtr window = held_dataset(dataset_of_rows(window_of(context, group)));
    const Element arguments(Structure::tuple({Structure::leaf(), window}), {Tensor::scalar(group.key)});
    const Dataset dataset = call_for_dataset(*stage_.reduce_func, arguments, *this, "reduce_func");
    return std::make_unique<InnerCursor>(dataset, *this, context, ordinal);
  }

 private:
  /// Small rows are stacked; the group stays whole, as reduce_func may be interrupted.
  Rows window_of(const Context& context, const Group& group) const {
    if (group.members.empty()) return up().gather(context, group.positions());
    RowsBuilder rows(group.count());
    for (const Outcome& member : group.members) rows.append(member.element);
    return rows.finish();
  }

  GroupByWindow stage_;
};

}  // namespace

Dataset GroupByWindow::operator()(const Dataset& upstream) const {
  require<TypeError>(key_func && reduce_func, name, "key_func and reduce_func must be functions, got None");
  require(window_size.has_value() != (window_size_func != nullptr), name,
          "one of window_size and window_size_func must be given, got ", window_size ? "both" : "neither");
  require(!window_size || *window_size >= 1, name, "window_size must be >= 1, got ", window_size.value_or(0));
  return Dataset(std::make_shared<GroupByWindowNode>(upstream.node_ptr(), *this));
}

}  // namespace headrace
