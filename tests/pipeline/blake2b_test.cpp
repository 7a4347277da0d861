#include <headrace/pipeline/blake2b.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <headrace/pipeline/base64.hpp>

namespace headrace {
namespace {

std::string hex(const std::vector<std::byte>& bytes, std::size_t piece) {
  Blake2b digest;
  for (std::size_t i = 0; i < bytes.size(); i += piece)
    digest.add(std::span(bytes).subspan(i, std::min(piece, bytes.size() - i)));
  std::string text;
  for (const std::byte byte : digest.finish()) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte));
    text += digits;
  }
  return text;
}

std::vector<std::byte> counting(std::size_t n) {
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i % 256);
  return bytes;
}

// What Python's hashlib.blake2b(..., digest_size=32) gives.
TEST(Blake2b, IsWhatPythonGivesWhateverThePieces) {
  const std::vector<std::byte> abc{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};
  EXPECT_EQ(hex(abc, 1), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(hex({}, 1), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(hex(std::vector<std::byte>(128), 128), "378d0caaaa3855f1b38693c1d6ef004fd118691c95c959d4efa950d6d6fcf7c1");
  for (const std::size_t piece : {1, 7, 128, 129, 1000})
    EXPECT_EQ(hex(counting(768), piece), "b8007121274217790e2923e0ad7027986e5a99d5531ef6ae7d294140fc81615d");
}

TEST(Base64, ComesBackAsItWas) {
  EXPECT_EQ(to_base64("Man"), "TWFu");
  EXPECT_EQ(to_base64("Ma"), "TWE=");
  EXPECT_EQ(to_base64("M"), "TQ==");
  std::string bytes;
  for (int n = 0; n < 300; ++n) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes += static_cast<char>(n * 37);
  }
}

TEST(Base64, RefusesWhatItDoesNotWrite) {
  for (const char* text : {"TWF", "TW=u", "TW==TWFu", "TQ=a", "T===", "====", "TWF?", "TWF=", "TR=="})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  EXPECT_EQ(from_base64(""), "");
}

}  // namespace
}  // namespace headrace
