#include <headrace/tensor/structure.hpp>

#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

const StructurePtr leaf = Structure::leaf();

struct Tag : ContainerTag {
  explicit Tag(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  std::string name_;
};

StructurePtr point(const std::string& name, std::vector<std::string> keys = {"x", "y"}) {
  return Structure::named(std::move(keys), {leaf, leaf}, std::make_shared<Tag>(name));
}

TEST(Structure, CountsLeavesDepthFirst) {
  EXPECT_EQ(leaf->leaf_count(), 1);
  EXPECT_EQ(Structure::none()->leaf_count(), 0);
  EXPECT_EQ(Structure::tuple({})->leaf_count(), 0);
  EXPECT_EQ(Structure::tuple({leaf, Structure::dict({"a", "b"}, {leaf, Structure::none()})})->leaf_count(), 2);
}

TEST(Structure, PrintsAsPythonDoes) {
  const StructurePtr nested = Structure::tuple({leaf, Structure::dict({"label", "it's"}, {leaf, Structure::none()})});
  EXPECT_EQ(nested->to_string(), "(., {'label': ., 'it\\'s': None})");
  EXPECT_EQ(Structure::tuple({leaf})->to_string(), "(.,)");
  EXPECT_EQ(Structure::tuple({})->to_string(), "()");
  EXPECT_EQ(point("data.shapes.Point")->to_string(), "Point(x=., y=.)");
  EXPECT_EQ(nested->to_string([](int i) { return std::to_string(i); }), "(0, {'label': 1, 'it\\'s': None})");
}

TEST(Structure, NamesThePlaceOfALeaf) {
  const StructurePtr nested = Structure::tuple({leaf, Structure::dict({"a", "b"}, {leaf, point("m.P")})});
  EXPECT_EQ(leaf->leaf_path(0), "");
  EXPECT_EQ(nested->leaf_path(0), "[0]");
  EXPECT_EQ(nested->leaf_path(1), "[1]['a']");
  EXPECT_EQ(nested->leaf_path(3), "[1]['b'].y");
}

TEST(Structure, DictsAreTheSameInAnyOrder) {
  const StructurePtr a = Structure::dict({"x", "y", "z"}, {leaf, Structure::tuple({leaf, leaf}), leaf});
  const StructurePtr b = Structure::dict({"z", "x", "y"}, {leaf, leaf, Structure::tuple({leaf, leaf})});
  EXPECT_TRUE(a->same_as(*b));
  EXPECT_EQ(a->leaf_order_in(*b), (std::vector<int>{1, 2, 3, 0}));
  EXPECT_EQ(b->leaf_order_in(*a), (std::vector<int>{3, 0, 1, 2}));
  EXPECT_TRUE(a->leaf_order_in(*a).empty());
  EXPECT_TRUE(
      a->leaf_order_in(*Structure::dict({"x", "y", "z"}, {leaf, Structure::tuple({leaf, leaf}), leaf})).empty());
}

TEST(Structure, DiffersInKindNestingOrNames) {
  const StructurePtr pair = Structure::tuple({leaf, leaf});
  EXPECT_FALSE(pair->same_as(*leaf));
  EXPECT_FALSE(pair->same_as(*Structure::tuple({leaf})));
  EXPECT_FALSE(pair->same_as(*Structure::tuple({leaf, pair})));
  EXPECT_FALSE(leaf->same_as(*Structure::none()));
  EXPECT_FALSE(Structure::dict({"a"}, {leaf})->same_as(*Structure::dict({"b"}, {leaf})));
  EXPECT_TRUE(point("m.P")->same_as(*point("m.P")));
  EXPECT_FALSE(point("m.P")->same_as(*point("m.Q")));
  EXPECT_FALSE(point("m.P")->same_as(*point("m.P", {"y", "x"})));
  EXPECT_FALSE(point("m.P")->same_as(*pair));
}

TEST(Structure, RefusesKeysThatDontFit) {
  EXPECT_THROW(Structure::dict({"a"}, {}), ValueError);
  EXPECT_THROW(Structure::dict({"a", "a"}, {leaf, leaf}), ValueError);
  EXPECT_THROW(Structure::named({"a"}, {leaf}, nullptr), ValueError);
}

}  // namespace
}  // namespace headrace
