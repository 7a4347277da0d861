#include <headrace/tensor/compound.hpp>

#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

Tensor numbers(std::initializer_list<std::int64_t> values) { return Tensor::of<std::int64_t>(values); }

TEST(RaggedTensor, GivesItsRowsAsViews) {
  const RaggedTensor ragged(Tensor::of<float>({1, 2, 3}), numbers({0, 1, 1, 3}));
  EXPECT_EQ(ragged.size(), 3);
  EXPECT_EQ(ragged.row(1).size(), 0);
  EXPECT_TRUE(equal(ragged.row(2), Tensor::of<float>({2, 3})));
  EXPECT_EQ(ragged.row(2).data(), ragged.values().data() + 4);
}

TEST(RaggedTensor, RefusesSplitsThatLeadOutOfItsValues) {
  const Tensor values = Tensor::of<float>({1, 2});
  for (const auto& splits : {numbers({0, 3}), numbers({1, 2}), numbers({0, 2, 1, 2}), numbers({0, -1, 2}), numbers({})})
    EXPECT_THROW(RaggedTensor(values, splits), ValueError);
  EXPECT_THROW(RaggedTensor(values, Tensor::of<std::int32_t>({0, 2})), TypeError);
  EXPECT_THROW(RaggedTensor(Tensor::scalar(1.0F), numbers({0, 1})), ValueError);
}

TEST(RaggedTensor, ReadsStridedSplits) {
  const Tensor every_other = numbers({0, 9, 1, 9, 3, 9}).rows(0, 3, 2);
  EXPECT_EQ(RaggedTensor(Tensor::of<float>({1, 2, 3}), every_other).row(1).size(), 2);
}

TEST(SparseTensor, RefusesPartsThatDoNotFit) {
  const Tensor indices = numbers({0, 2}).reshape({1, 2});
  EXPECT_NO_THROW(SparseTensor(indices, numbers({5}), numbers({2, 3})));
  EXPECT_THROW(SparseTensor(indices, numbers({5, 6}), numbers({2, 3})), ValueError);
  EXPECT_THROW(SparseTensor(indices, numbers({5}), numbers({2})), ValueError);
  EXPECT_THROW(SparseTensor(indices, numbers({5}), numbers({2, -3})), ValueError);
  EXPECT_THROW(SparseTensor(numbers({0}), numbers({5}), numbers({2})), TypeError);
}

TEST(Compound, IsToldFromOtherContainersAndFoundAnywhere) {
  const Element ragged = RaggedTensor(numbers({7}), numbers({0, 1}));
  EXPECT_EQ(compound_of(*ragged.structure), Compound::ragged);
  EXPECT_EQ(ragged.structure->to_string(), "RaggedTensor(values=., row_splits=.)");
  EXPECT_TRUE(equal(RaggedTensor::of(ragged).row(0), numbers({7})));
  EXPECT_THROW(SparseTensor::of(ragged), TypeError);
  EXPECT_THROW(RaggedTensor::of(Element(numbers({7}))), TypeError);
  const auto nested = Structure::tuple(
      {Structure::leaf(), Structure::dict({"s", "x"}, {SparseTensor::structure(), Structure::leaf()})});
  EXPECT_STREQ(compound_in(*nested), "SparseTensor");
  EXPECT_EQ(compound_in(*Structure::leaf()), nullptr);
  EXPECT_EQ(collapsed(nested)->to_string(), "(., {'s': ., 'x': .})");
  const auto components = components_of(*nested);
  ASSERT_EQ(components.size(), 3U);
  EXPECT_EQ(components[1].kind, Compound::sparse);
  EXPECT_EQ(components[2].first_leaf, 4);
}

TEST(Structure, TakesOtherLeavesAndChildren) {
  const auto tree =
      Structure::tuple({Structure::leaf(), Structure::none(), Structure::dict({"a"}, {Structure::leaf()})});
  const StructurePtr parts[] = {RaggedTensor::structure(), Structure::tuple({})};
  EXPECT_EQ(tree->with_leaves(parts)->to_string(), "(RaggedTensor(values=., row_splits=.), None, {'a': ()})");
}

}  // namespace
}  // namespace headrace
