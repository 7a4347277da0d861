#include <headrace/pipeline/shapes.hpp>

#include <algorithm>

#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

bool positional(const Structure& structure) {
  return structure.kind() == Structure::Kind::tuple || structure.kind() == Structure::Kind::named;
}

/// The child of `given` that stands for child `i` of `row`, or -1.
int matching_child(const Structure& given, const Structure& row, std::size_t i) {
  if (positional(given) && positional(row)) return static_cast<int>(i);
  if (given.kind() != Structure::Kind::dict || row.keys().empty()) return -1;
  const auto place = std::find(given.keys().begin(), given.keys().end(), row.keys()[i]);
  return place == given.keys().end() ? -1 : static_cast<int>(place - given.keys().begin());
}

bool match(const Structure& given, const Structure& row, int first, std::vector<int>& leaves) {
  if (given.kind() == Structure::Kind::none) {
    leaves.insert(leaves.end(), static_cast<std::size_t>(row.leaf_count()), -1);
    return true;
  }
  if (given.kind() == Structure::Kind::leaf || row.kind() == Structure::Kind::leaf) {
    leaves.push_back(first);
    return given.kind() == row.kind();
  }
  if (given.children().size() != row.children().size()) return false;
  std::vector<int> firsts;
  for (const StructurePtr& child : given.children()) {
    firsts.push_back(first);
    first += child->leaf_count();
  }
  for (std::size_t i = 0; i < row.children().size(); ++i) {
    const int place = matching_child(given, row, i);
    if (place < 0) return false;
    const auto child = static_cast<std::size_t>(place);
    if (!match(*given.children()[child], *row.children()[i], firsts[child], leaves)) return false;
  }
  return true;
}

/// `given` with its leaves that stand for containers of `row` opened: (5, None) as two shapes.
void open_leaves(const Shapes& given, const Structure& structure, const Structure& row, int& leaf, Shapes& result,
                 StructurePtr& opened) {
  if (structure.kind() == Structure::Kind::leaf) {
    const Shape& shape = given.shapes[static_cast<std::size_t>(leaf++)];
    if (!positional(row)) {
      result.shapes.push_back(shape);
      opened = Structure::leaf();
      return;
    }
    std::vector<StructurePtr> children;
    for (const std::int64_t size : shape) {
      children.push_back(size < 0 ? Structure::none() : Structure::leaf());
      if (size >= 0) result.shapes.push_back({size});
    }
    opened = Structure::tuple(std::move(children));
    return;
  }
  std::vector<StructurePtr> children = structure.children();
  for (std::size_t i = 0; i < children.size(); ++i) {
    // The child of row that this one stands for; where there is none, match() says so.
    std::size_t place = i;
    if (structure.kind() == Structure::Kind::dict)
      place = static_cast<std::size_t>(std::find(row.keys().begin(), row.keys().end(), structure.keys()[i]) -
                                       row.keys().begin());
    const Structure& part = place < row.children().size() ? *row.children()[place] : *Structure::leaf();
    open_leaves(given, *structure.children()[i], part, leaf, result, children[i]);
  }
  opened = structure.kind() == Structure::Kind::none ? Structure::none() : structure.with_children(std::move(children));
}

}  // namespace

std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (int axis = 0; axis < shape.size(); ++axis)
    text += (axis ? ", " : "") + (shape[axis] < 0 ? std::string("None") : std::to_string(shape[axis]));
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string Shapes::to_string() const {
  return structure->to_string([this](int leaf) { return shape_text(shapes[static_cast<std::size_t>(leaf)]); });
}

std::vector<int> matching_leaves(std::string_view stage, std::string_view what, const Structure& given,
                                 const Structure& row, const std::string& given_text) {
  std::vector<int> leaves;
  require(match(given, row, 0, leaves), stage, what, " must have the structure of the elements, ", row.to_string(),
          ", got ", given_text);
  return leaves;
}

std::vector<std::optional<Shape>> shapes_for(std::string_view stage, std::string_view what, const Shapes& given,
                                             const Structure& row) {
  Shapes opened;
  int leaf = 0;
  open_leaves(given, *given.structure, row, leaf, opened, opened.structure);
  std::vector<std::optional<Shape>> result;
  for (const int place : matching_leaves(stage, what, *opened.structure, row, given.to_string())) {
    if (place < 0)
      result.push_back(std::nullopt);
    else
      result.push_back(opened.shapes[static_cast<std::size_t>(place)]);
  }
  return result;
}

}  // namespace headrace
