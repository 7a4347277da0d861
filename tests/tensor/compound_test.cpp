#include <headrace/tensor/compound.hpp>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/sparse_rows.hpp>

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

TEST(RaggedTensor, IsMadeOfRows) {
  const Tensor rows[] = {Tensor::of<float>({1}), Tensor::empty(float32, {0}), Tensor::of<float>({2, 3})};
  EXPECT_EQ(RaggedTensor::from_rows(rows), RaggedTensor(Tensor::of<float>({1, 2, 3}), numbers({0, 1, 1, 3})));
  const Tensor unequal[] = {numbers({1}), Tensor::of<float>({2})};
  EXPECT_THROW(RaggedTensor::from_rows(unequal), ValueError);
  EXPECT_THROW(RaggedTensor::from_rows({}), ValueError);
}

TEST(RaggedTensor, IsPaddedToItsLongestRow) {
  const RaggedTensor ragged(numbers({1, 2, 3}), numbers({0, 1, 1, 3}));
  EXPECT_TRUE(equal(ragged.padded(), Tensor::of<std::int64_t>({1, 0, 0, 0, 2, 3}, {3, 2})));
  EXPECT_TRUE(
      equal(ragged.padded(Tensor::scalar<std::int64_t>(-1)), Tensor::of<std::int64_t>({1, -1, -1, -1, 2, 3}, {3, 2})));
  EXPECT_THROW(ragged.padded(Tensor::scalar(1.0F)), TypeError);
  EXPECT_EQ(RaggedTensor(numbers({}), numbers({0})).padded().shape(), (Shape{0, 0}));
  const std::vector<std::string_view> words{"a", "b", "c"}, full{"a", "", "b", "c"};
  EXPECT_TRUE(
      equal(RaggedTensor(Tensor::texts(words), numbers({0, 1, 3})).padded(), Tensor::texts(full).reshape({2, 2})));
}

TEST(SparseTensor, IsMadeDenseAndAddsUpWhatIsGivenTwice) {
  const Tensor indices = numbers({1, 2, 0, 0, 1, 2}).reshape({3, 2});
  EXPECT_TRUE(equal(SparseTensor(indices, numbers({5, 6, 7}), numbers({2, 3})).to_dense(),
                    Tensor::of<std::int64_t>({6, 0, 0, 0, 0, 12}, {2, 3})));
  EXPECT_TRUE(equal(SparseTensor(indices, Tensor::of<bool>({true, false, false}), numbers({2, 3})).to_dense(),
                    Tensor::of<bool>({false, false, false, false, false, true}, {2, 3})));
  EXPECT_TRUE(equal(SparseTensor(indices, Tensor::of<std::int8_t>({127, 0, 1}), numbers({2, 3})).to_dense(),
                    Tensor::of<std::int8_t>({0, 0, 0, 0, 0, -128}, {2, 3})));
  const std::vector<std::string_view> words{"a", "b", "c"};
  EXPECT_THROW(SparseTensor(indices, Tensor::texts(words), numbers({2, 3})).to_dense(), ValueError);
  const SparseTensor outside(numbers({-1, 0}).reshape({1, 2}), numbers({5}), numbers({2, 3}));
  EXPECT_THROW(outside.to_dense(), ValueError);
  EXPECT_THROW(SparseTensor(numbers({0, 3}).reshape({1, 2}), numbers({5}), numbers({2, 3})).to_dense(), ValueError);
  const SparseTensor scalar(Tensor::empty(int64, {2, 0}), numbers({5, 6}), numbers({}));
  EXPECT_TRUE(equal(scalar.to_dense(), Tensor::scalar<std::int64_t>(11)));
}

TEST(SparseTensor, IsTakenApartIntoRowsAndPutTogetherAgain) {
  const SparseTensor sorted(numbers({0, 2, 2, 0, 2, 3}).reshape({3, 2}), numbers({5, 6, 7}), numbers({3, 4}));
  const SparseRows rows("test", sorted);
  EXPECT_EQ(rows.count(), 3);
  EXPECT_EQ(rows.values().data(), sorted.values().data()) << "row by row, they are not copied";
  std::vector<Tensor> parts[3], all[3];
  for (int i = 0; i < 3; ++i) {
    rows.append_row(i, parts[i]);
    for (int k = 0; k < 3; ++k) all[k].push_back(parts[i][static_cast<std::size_t>(k)]);
  }
  EXPECT_TRUE(equal(parts[2][0], numbers({0, 3}).reshape({2, 1})));
  EXPECT_EQ(parts[1][1].size(), 0);
  EXPECT_EQ(stack_sparse(all[0], all[1], all[2]), sorted);

  const SparseTensor mixed(numbers({2, 3, 0, 2, 2, 0}).reshape({3, 2}), numbers({7, 5, 6}), numbers({3, 4}));
  std::vector<Tensor> last;
  SparseRows("test", mixed).append_row(2, last);
  EXPECT_TRUE(equal(last[1], numbers({7, 6}))) << "items of a row keep their order";
  EXPECT_THROW(SparseRows("test", SparseTensor(numbers({3, 0}).reshape({1, 2}), numbers({5}), numbers({3, 4}))),
               ValueError);
  EXPECT_THROW(SparseRows("test", SparseTensor(Tensor::empty(int64, {0, 0}), numbers({}), numbers({}))), ValueError);
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
