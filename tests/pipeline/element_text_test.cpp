#include <headrace/pipeline/element_text.hpp>

#include <gtest/gtest.h>

#include <headrace/tensor/error.hpp>

namespace headrace {
namespace {

Tensor filled(DType dtype, const Shape& shape) {
  const Tensor tensor = Tensor::empty(dtype, shape);
  for (std::int64_t i = 0; i < tensor.nbytes(); ++i)
    tensor.mutable_data()[i] = static_cast<std::byte>(dtype == boolean ? i % 2 : i * 37 + 11);
  return tensor;
}

void expect_round_trip(const Element& element) {
  const std::string text = to_text(element);
  const Element again = element_from_text(text, spec_of(element), "test");
  EXPECT_TRUE(equal(element, again)) << text;
  EXPECT_EQ(to_text(again), text);
}

TEST(ElementText, KeepsEveryBitOfEveryDtype) {
  const DType record = DType::record({{"a\n,:", int16, 0, {}}, {"b", float32, 4, {2}}}, 12);
  for (const DType dtype : {boolean,
                            int8,
                            int16,
                            int32,
                            int64,
                            uint8,
                            uint16,
                            uint32,
                            uint64,
                            float16,
                            bfloat16,
                            float32,
                            float64,
                            complex64,
                            complex128,
                            DType::datetime64("ns"),
                            DType::timedelta64("25s"),
                            DType::fixed_bytes(3),
                            DType::fixed_text(2),
                            DType::fixed_bytes(0),
                            record}) {
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 0, 4}, Shape{2, 1, 3}})
      expect_round_trip(filled(dtype, shape));
  }
}

TEST(ElementText, KeepsTexts) {
  for (const DType dtype : {text, bytes}) {
    const std::string_view items[] = {"", "a", std::string_view("\0\xff,:", 4), "ü and more than that"};
    expect_round_trip(Tensor::texts(items, dtype));
    expect_round_trip(Tensor::texts(items, dtype).reshape({2, 2}));
    expect_round_trip(Tensor::texts(items, dtype).rows(3, 2, -2));
    expect_round_trip(Tensor::text_scalar("x", dtype));
    expect_round_trip(Tensor::texts({}, dtype));
  }
}

TEST(ElementText, KeepsStructureAndStridedViews) {
  const Tensor rows = filled(int32, {6, 2});
  expect_round_trip(Element(
      Structure::dict({"b", "a"}, {Structure::leaf(), Structure::tuple({Structure::none(), Structure::leaf()})}),
      {rows.rows(5, 3, -2), rows.row(1)}));
  expect_round_trip(Element(Structure::none(), {}));
  expect_round_trip(Element(Structure::tuple({}), {}));
}

TEST(ElementText, TakesOtherShapesAndWidthsButNoOtherDtypesOrStructures) {
  const Spec like{Structure::leaf(), {{DType::fixed_text(2), {4}}}};
  const Element wider = filled(DType::fixed_text(9), {1, 2});
  EXPECT_TRUE(same_kind(wider, like));
  EXPECT_TRUE(equal(element_from_text(to_text(wider), like, "test"), wider));
  for (const Element& other : {Element(filled(int32, {4})), Element(filled(DType::fixed_bytes(2), {4})),
                               Element(Structure::tuple({Structure::leaf()}), {filled(DType::fixed_text(2), {4})})}) {
    EXPECT_FALSE(same_kind(other, like));
    EXPECT_THROW(element_from_text(to_text(other), like, "test"), ValueError);
  }
}

TEST(ElementText, RefusesDamage) {
  const std::string_view items[] = {"one", "two!"};
  const Element element(Structure::tuple({Structure::leaf(), Structure::leaf()}),
                        {filled(int16, {3}), Tensor::texts(items)});
  const std::string whole = to_text(element);
  const Spec like = spec_of(element);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_THROW(element_from_text(whole.substr(0, i), like, "test"), ValueError) << i;
    for (const char put : {'0', '9', ':', 'x', '=', '\0'}) {
      std::string changed = whole;
      if (std::exchange(changed[i], put) == put) continue;
      try {  // an error, or other bytes of the same form; nothing worse
        const Element read = element_from_text(changed, like, "test");
        EXPECT_TRUE(same_kind(read, like));
      } catch (const ValueError&) {
      }
    }
  }
  EXPECT_THROW(element_from_text(whole + "0:,", like, "test"), ValueError);
}

}  // namespace
}  // namespace headrace
