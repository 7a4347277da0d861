#include <headrace/tensor/spec.hpp>

#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

const StructurePtr leaf = Structure::leaf();

Spec pair_spec() {
  return {Structure::tuple({leaf, Structure::dict({"label"}, {leaf})}), {{float32, {16}}, {int64, {}}}};
}

TEST(Spec, PrintsWhatIsKnown) {
  EXPECT_EQ(pair_spec().to_string(), "(float32(16), {'label': int64()})");
  EXPECT_EQ((TensorSpec{float32, {-1, 16}}.to_string()), "float32(?, 16)");
}

TEST(Spec, CountsBytesWhereAllSizesAreKnown) {
  EXPECT_EQ(pair_spec().nbytes(), 72);
  EXPECT_TRUE(pair_spec().fully_known());
  const Spec stacked = stacked_spec(pair_spec(), -1);
  EXPECT_FALSE(stacked.fully_known());
  EXPECT_EQ(stacked.nbytes(), -1);
  EXPECT_EQ((TensorSpec{int8, {0, 3}}.nbytes()), 0);
  EXPECT_THROW((TensorSpec{float64, {INT64_MAX / 2}}.nbytes()), ValueError);
}

TEST(Spec, RowsAndStacksAreInverse) {
  const Spec stacked = stacked_spec(pair_spec(), 32);
  EXPECT_EQ(stacked.to_string(), "(float32(32, 16), {'label': int64(32)})");
  EXPECT_TRUE(same(row_spec(stacked), pair_spec()));
  EXPECT_THROW(row_spec(pair_spec()), ValueError);
}

TEST(Spec, OfAnElementIsItsDtypesAndShapes) {
  const Spec spec = spec_of(Element(Tensor::zeros(uint8, {28, 28})));
  EXPECT_EQ(spec.to_string(), "uint8(28, 28)");
}

TEST(Spec, WhatHoldsForBothKeepsEqualSizesOnly) {
  const Spec a{leaf, {{float32, {3, 4}}}}, b{leaf, {{float32, {3, 5}}}};
  ASSERT_TRUE(common(a, b));
  EXPECT_EQ(common(a, b)->to_string(), "float32(3, ?)");
  EXPECT_FALSE(common(a, Spec{leaf, {{float64, {3, 4}}}}));
  EXPECT_FALSE(common(a, Spec{leaf, {{float32, {3}}}}));
  EXPECT_FALSE(common(a, pair_spec()));
}

TEST(Spec, DictsAreComparedByKey) {
  const Spec a{Structure::dict({"x", "y"}, {leaf, leaf}), {{float32, {1}}, {int8, {2}}}};
  const Spec b{Structure::dict({"y", "x"}, {leaf, leaf}), {{int8, {2}}, {float32, {1}}}};
  EXPECT_TRUE(same(a, b));
  ASSERT_TRUE(common(a, b));
  EXPECT_EQ(common(a, b)->to_string(), "{'x': float32(1), 'y': int8(2)}");
  const Spec c{Structure::dict({"y", "x"}, {leaf, leaf}), {{float32, {1}}, {int8, {2}}}};
  EXPECT_FALSE(same(a, c));
}

}  // namespace
}  // namespace headrace
