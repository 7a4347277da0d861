#include <headrace/tensor/element.hpp>

#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(Element, ATensorIsAnElement) {
  const Element element = Tensor::of<std::int32_t>({1, 2, 3});
  EXPECT_EQ(element.tensor().values<std::int32_t>()[2], 3);
  EXPECT_EQ(element.nbytes(), 12);
}

TEST(Element, OnlyAnElementOfOneTensorGivesIt) {
  const Element pair(Structure::tuple({Structure::leaf(), Structure::leaf()}),
                     {Tensor::scalar(1.0F), Tensor::scalar(2.0F)});
  EXPECT_EQ(pair.nbytes(), 8);
  EXPECT_THROW(pair.tensor(), TypeError);
  EXPECT_THROW(Element().tensor(), TypeError);
  EXPECT_THROW(Element(Structure::tuple({Structure::leaf()}), {Tensor::scalar(1.0F)}).tensor(), TypeError);
}

TEST(Element, EqualityLooksThroughTheOrderOfADict) {
  const auto leaf = Structure::leaf();
  const Tensor one = Tensor::scalar(1.0F), two = Tensor::scalar(2.0F);
  const Element a(Structure::dict({"x", "y"}, {leaf, leaf}), {one, two});
  EXPECT_TRUE(equal(a, Element(Structure::dict({"y", "x"}, {leaf, leaf}), {two, one})));
  EXPECT_FALSE(equal(a, Element(Structure::dict({"y", "x"}, {leaf, leaf}), {one, two})));
  EXPECT_FALSE(equal(a, Element(Structure::tuple({leaf, leaf}), {one, two})));
}

}  // namespace
}  // namespace headrace
