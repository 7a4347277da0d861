// The reader of sound zlib streams: what it gives is what zlib gives, and all else it leaves alone.
#include <headrace/io/hdf5/inflate.hpp>

#include <gtest/gtest.h>
#include <libdeflate.h>

#include "deflate_made.hpp"

namespace headrace::hdf5 {
namespace {

using Maybe = std::optional<Data>;

/// Both in memory of just their size: AddressSanitizer sees a byte beyond.
Maybe inflated(const Data& stream, std::size_t room) {
  const Data stored(stream.begin(), stream.end());
  Data to(room);
  const auto made = inflate_sound(stored, to, true);
  if (!made) return std::nullopt;
  to.resize(*made);
  return to;
}

Data by_zlib(const Data& plain, int level, int strategy, int window, int memory) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, window, memory, strategy), Z_OK);
  Data stored(deflateBound(&stream, plain.size()) + 100);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(stored.data());
  stream.avail_out = static_cast<uInt>(stored.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  stored.resize(stream.total_out);
  deflateEnd(&stream);
  return stored;
}

Data by_libdeflate(const Data& plain, int level) {
  libdeflate_compressor* const made = libdeflate_alloc_compressor(level);
  Data stored(libdeflate_zlib_compress_bound(made, plain.size()));
  stored.resize(libdeflate_zlib_compress(made, plain.data(), plain.size(), stored.data(), stored.size()));
  libdeflate_free_compressor(made);
  return stored;
}

/// Short matches of far and near, literals of a small alphabet, and runs.
Data mixture(std::size_t size) {
  std::mt19937 random(7);
  Data data;
  while (data.size() < size) {
    const std::size_t back = 1 + random() % 40'000, length = 1 + random() % 20;
    if (random() % 3 == 0 && back <= data.size())
      for (std::size_t i = 0; i < length; ++i) data.push_back(data[data.size() - back]);
    else if (random() % 30 == 0)
      data.insert(data.end(), random() % 600, std::byte{9});
    else
      data.push_back(static_cast<std::byte>(random() % 24));
  }
  data.resize(size);
  return data;
}

std::vector<Data> samples() {
  std::vector<Data> all{{}, {std::byte{1}}, mixture(500), mixture(200'000)};
  for (int kind = 0; kind < 4; ++kind) all.push_back(sample(kind, 70'000));
  return all;
}

TEST(InflateSound, ReadsWhatZlibWrites) {
  for (const Data& plain : samples()) {
    for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
      for (int level = 0; level <= 9; level += strategy == Z_DEFAULT_STRATEGY ? 1 : 4) {
        for (const int window : {9, 10, 12, 15}) {
          const Data stored = by_zlib(plain, level, strategy, window, window % 9 + 1);
          EXPECT_EQ(inflated(stored, plain.size()), plain) << strategy << " " << level << " " << window;
        }
      }
    }
  }
}

TEST(InflateSound, ReadsWhatLibdeflateWrites) {
  for (const Data& plain : samples()) {
    for (int level = 0; level <= 12; ++level)
      EXPECT_EQ(inflated(by_libdeflate(plain, level), plain.size()), plain) << plain.size() << " " << level;
  }
}

TEST(InflateSound, ReadsEveryLengthAtEveryKindOfDistance) {
  std::mt19937 random(1);
  for (const bool fixed : {true, false}) {
    DeflateMade made(random);
    made.stored_block(sample(3, 32'768), false);
    std::vector<Token> tokens;
    for (unsigned size = 3; size <= 258; ++size) {
      for (unsigned distance = 1; distance <= 32'768; distance = distance < 40 ? distance + 1 : distance * 2)
        tokens.push_back({size, distance});
      for (const unsigned base : kDistanceBase) tokens.push_back({size, base});
      tokens.push_back({size, 32'768});
    }
    fixed ? made.fixed_block(tokens, true) : made.dynamic_block(tokens, true);
    EXPECT_EQ(inflated(made.stream(), made.plain().size()), made.plain());
  }
}

TEST(InflateSound, ReadsStreamsOfAnyCodes) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    DeflateMade made(random);
    for (unsigned blocks = random() % 4; blocks > 0; --blocks) made.random_block(random() % 5000, false);
    made.random_block(random() % 5000, true);
    EXPECT_EQ(inflated(made.stream(), made.plain().size()), made.plain()) << seed;
  }
}

TEST(InflateSound, WritesLongMatchesUpToTheLastByte) {
  std::mt19937 random(1);
  for (const unsigned distance : {1U, 2U, 3U, 5U, 7U, 9U, 15U, 16U, 17U, 400U}) {
    for (unsigned tail = 0; tail < 400; ++tail) {
      DeflateMade made(random);
      std::vector<Token> tokens(500, {1, 7});
      tokens.push_back({10, 100});
      tokens.push_back({258 - tail % 3, distance});
      tokens.insert(tokens.end(), tail, {1, 8});
      made.dynamic_block(tokens, true);
      EXPECT_EQ(inflated(made.stream(), made.plain().size()), made.plain()) << distance << " " << tail;
    }
  }
}

TEST(InflateSound, LeavesWhatIsCutOrDoesNotFit) {
  for (const Data& plain : {mixture(3000), sample(3, 1000), sample(0, 2000)}) {
    const Data stored = by_zlib(plain, 6, Z_DEFAULT_STRATEGY, 15, 8);
    for (std::size_t size = 0; size < stored.size(); ++size)
      EXPECT_EQ(inflated(Data(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(size)), plain.size()),
                Maybe());
    for (std::size_t less = 1; less < plain.size(); less = less * 3 / 2 + 1)
      EXPECT_EQ(inflated(stored, plain.size() - less), Maybe()) << less;
    EXPECT_EQ(inflated(plus(stored, Data(9)), plain.size() + 1000), plain);
  }
}

TEST(InflateSound, LeavesWrongHeadsAndSums) {
  const Data plain = mixture(1000), stored = by_zlib(plain, 6, Z_DEFAULT_STRATEGY, 15, 8);
  for (std::size_t bit = 0; bit < 16; ++bit) {
    Data wrong = stored;
    wrong[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_EQ(inflated(wrong, plain.size()), Maybe()) << bit;
  }
  for (const char* head : {"79", "7abb", "8819", "7820"}) {  // another method, window; a dictionary
    Data wrong = bytes_of(head);
    wrong.insert(wrong.end(), stored.begin() + static_cast<std::ptrdiff_t>(wrong.size()), stored.end());
    EXPECT_EQ(inflated(wrong, plain.size()), Maybe()) << head;
  }
  for (std::size_t i = 1; i <= 4; ++i) {
    Data wrong = stored;
    wrong[wrong.size() - i] ^= std::byte{1};
    EXPECT_EQ(inflated(wrong, plain.size()), Maybe()) << i;
  }
}

/// A dynamic block of these codes, otherwise sound: nothing comes out.
Maybe of_codes(const Lengths& symbols, const Lengths& distances) {
  std::mt19937 random(1);
  DeflateMade made(random);
  made.bits(5, 3);
  made.code_lengths(symbols, distances);
  made.body({}, symbols, distances);
  return inflated(made.stream(), 100'000);
}

TEST(InflateSound, LeavesCodesThatAreNotComplete) {
  Lengths symbols(257), one(257), two(30);
  symbols[0] = symbols[kEnd] = 1;
  two[0] = two[1] = 1;
  one[kEnd] = 1;
  Lengths single(30), three(30), no_end(257);
  single[0] = 1;
  three[0] = three[1] = three[2] = 1;
  no_end[0] = no_end[1] = 1;
  EXPECT_EQ(of_codes(symbols, two), Data()) << "complete";
  EXPECT_EQ(of_codes(one, two), Maybe()) << "one symbol";
  EXPECT_EQ(of_codes(symbols, single), Maybe()) << "one distance";
  EXPECT_EQ(of_codes(symbols, three), Maybe()) << "more than there are bits for";
  EXPECT_EQ(of_codes(no_end, two), Maybe()) << "no end";
  Lengths many = symbols;
  many.resize(287);
  EXPECT_EQ(of_codes(many, two), Maybe()) << "too many symbols";
  EXPECT_EQ(of_codes(symbols, Lengths(32, 5)), Maybe()) << "too many distances";
  EXPECT_EQ(of_codes(Lengths(257, 15), two), Maybe()) << "fewer than there are bits for";
}

TEST(InflateSound, ReadsLiteralsWithoutACodeOfDistances) {
  Lengths symbols(258);
  symbols[7] = symbols[kEnd] = 2;
  symbols[kLengths] = 1;
  for (const bool with_match : {false, true}) {
    std::mt19937 random(1);
    DeflateMade made(random);
    made.bits(5, 3);
    made.code_lengths(symbols, Lengths(1));
    std::vector<Token> tokens(2000, {1, 7});
    if (with_match) tokens.push_back({3, 1});  // its distance has no bits
    made.body(tokens, symbols, Lengths(1));
    EXPECT_EQ(inflated(made.stream(), made.plain().size()), with_match ? Maybe() : made.plain());
  }
}

Maybe of_bits(std::initializer_list<std::pair<unsigned, unsigned>> parts) {
  std::mt19937 random(1);
  DeflateMade made(random);
  made.stored_block(sample(3, 10), false);
  for (const auto& [value, count] : parts) made.bits(value, count);
  made.bits(0, 400);
  return inflated(made.stream(), 100'000);
}

TEST(InflateSound, LeavesWhatNoBlockHas) {
  EXPECT_EQ(of_bits({{7, 3}}), Maybe()) << "kind 3";
  std::mt19937 random(1);
  DeflateMade made(random);
  made.stored_block(sample(3, 10), true);
  Data wrong = made.stream();
  EXPECT_EQ(inflated(wrong, 10), made.plain());
  wrong[5] ^= std::byte{1};
  EXPECT_EQ(inflated(wrong, 10), Maybe()) << "sizes that do not agree";
  EXPECT_EQ(of_bits({{3, 3}, {0b01100011, 8}}), Maybe()) << "symbol 286, first bit lowest";
  EXPECT_EQ(of_bits({{3, 3}, {0b11100011, 8}}), Maybe()) << "symbol 287";
  EXPECT_EQ(of_bits({{3, 3}, {0b1000000, 7}, {0b01111, 5}}), Maybe()) << "distance 30";
  EXPECT_EQ(of_bits({{3, 3}, {0b1000000, 7}, {0b11111, 5}}), Maybe()) << "distance 31";
}

TEST(InflateSound, LeavesMatchesThatBeginBeforeTheData) {
  std::mt19937 random(1);
  for (const unsigned before : {0U, 1U, 63U, 64U, 65U, 1000U, 30'000U}) {
    for (const unsigned size : {3U, 4U, 10U, 11U, 258U}) {
      for (const bool fixed : {true, false}) {
        DeflateMade made(random);
        std::vector<Token> tokens(before, Token{1, 7});
        tokens.push_back({size, before + 1});
        tokens.insert(tokens.end(), 2000, Token{1, 8});
        fixed ? made.fixed_block(tokens, true) : made.dynamic_block(tokens, true);
        EXPECT_EQ(inflated(made.stream(), 100'000), Maybe()) << before << " " << size;
      }
    }
  }
}

TEST(InflateSound, LeavesShortStreamsAndLongMatchesToOthers) {
  const auto read = [](const Data& plain, int level) {
    const Data stored = by_zlib(plain, level, Z_DEFAULT_STRATEGY, 15, 8);
    Data to(plain.size());
    return inflate_sound(stored, to).has_value();
  };
  EXPECT_FALSE(read(sample(3, 2000), 6));
  EXPECT_TRUE(read(sample(3, 20'000), 6));
  Data small(100'000), text;
  std::mt19937 random(1);
  for (std::byte& byte : small) byte = static_cast<std::byte>(random() % 10);
  EXPECT_TRUE(read(small, 4));
  std::vector<Data> words(100);
  for (Data& word : words)
    for (unsigned i = 8 + random() % 30; i > 0; --i) word.push_back(static_cast<std::byte>(random()));
  while (text.size() < 400'000) text = plus(std::move(text), words[random() % words.size()]);
  EXPECT_FALSE(read(text, 6));
}

}  // namespace
}  // namespace headrace::hdf5
