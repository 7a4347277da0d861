// Text as UTF-8 and as fixed-width characters; dtypes that HDF5 has no type for come back.
#include <headrace/io/from_hdf5.hpp>
#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/io/read_hdf5.hpp>
#include <headrace/io/write_hdf5.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/tensors.hpp>

#include <gtest/gtest.h>

#include <cstring>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

Tensor characters(const std::vector<std::u32string>& texts, std::int64_t width) {
  const Tensor result = Tensor::zeros(DType::fixed_text(width), {static_cast<std::int64_t>(texts.size())});
  for (std::size_t i = 0; i < texts.size(); ++i)
    std::memcpy(result.mutable_data() + i * static_cast<std::size_t>(4 * width), texts[i].data(), 4 * texts[i].size());
  return result;
}

TEST(Utf8, IsToldFromOtherBytes) {
  for (const char* right : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\xa0\x80", "\xef\xbf\xbf",
                            "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "na\xc3\xafve"})
    EXPECT_TRUE(is_utf8(right)) << escaped(right);
  for (const char* wrong :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2z", "\xe0\x9f\xbf", "\xe2\x82", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80", "\xff"})
    EXPECT_FALSE(is_utf8(wrong)) << escaped(wrong);
  EXPECT_EQ(escaped("caf\xe9\n"), "caf\\xe9\\x0a");
}

TEST(Utf8, HoldsEveryCharacter) {
  std::vector<std::u32string> texts;
  for (char32_t c : {0x01u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xD800u, 0xFFFFu, 0x10000u, 0x10FFFFu})
    texts.push_back({c, U'z', c});
  const Tensor u = characters(texts, 3), s = encode_characters("write_hdf5", u);
  EXPECT_EQ(s.dtype().name(), "S12");
  EXPECT_TRUE(equal(in_dtype("from_hdf5", "x", s, u.dtype()), u));
  EXPECT_EQ(as_texts("write_hdf5", u).row(1).text(), "\x7fz\x7f");
  EXPECT_TRUE(holds(message_of<ValueError>([] { encode_characters("s", characters({{char32_t{0x110000}}}, 1)); }),
                    "[s] text must be Unicode, got the character 1114112"));
  const Tensor wrong = Tensor::zeros(DType::fixed_bytes(4), {1});
  std::memcpy(wrong.mutable_data(), "ab", 2);
  EXPECT_TRUE(holds(message_of<IoError>([&] { in_dtype("s", "/x", wrong, DType::fixed_text(1)); }),
                    "'/x' must hold UTF-8 of at most 1 characters, got b'ab'"));
}

TEST_F(Hdf5File, GivesBackDTypesThatItHasNoTypeFor) {
  const std::string_view raw[] = {"a", "\xff"};
  const Tensor u = characters({U"\u65e5\u672c", U"b"}, 2), b = Tensor::texts(raw, bytes);
  Dataset both = from_tensor_slices(Element(Structure::tuple({Structure::leaf(), Structure::leaf()}), {u, b}));
  write_hdf5(both, path_);
  EXPECT_TRUE(equal(read_hdf5(path_, "0"), u));
  EXPECT_TRUE(equal(read_hdf5(path_, "1"), b));
  const Dataset again = from_hdf5({path_});
  EXPECT_EQ(again.element_spec().to_string(), "(U2(), bytes())");
  std::int64_t row = 0;
  for (const Element& element : again.iterate(0)) {
    EXPECT_TRUE(equal(element.components[0], u.row(row)));
    EXPECT_TRUE(equal(element.components[1], b.row(row++)));
  }
  EXPECT_EQ(row, 2);
}

}  // namespace
}  // namespace headrace::hdf5
