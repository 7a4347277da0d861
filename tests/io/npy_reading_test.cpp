// What NumPy itself says of such files stands in tests/python/test_npy.py and test_npz.py.
#include <gtest/gtest.h>

#include <filesystem>

#include <headrace/io/from_npy.hpp>
#include <headrace/io/from_npz.hpp>
#include <headrace/io/npy/head.hpp>
#include <headrace/io/write_npy.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/stages.hpp>
#include <headrace/tensor/error.hpp>

#include "scratch.hpp"
#include "zip_made.hpp"

namespace headrace {
namespace {

std::string head_of(const std::string& literal, int version = 1) {
  return std::string("\x93NUMPY") + static_cast<char>(version) + '\0' +
         numbers({{literal.size(), version == 1 ? 2 : 4}}) + literal;
}

NpyHead parsed(const std::string& literal, int version = 1) {
  const std::string head = head_of(literal, version);
  EXPECT_EQ(npy_head_size("test", "it", head.substr(0, 12)), static_cast<std::int64_t>(head.size()));
  return parse_npy_head("test", "it", head);
}

TEST(NpyHead, IsReadInEveryVersion) {
  for (const int version : {1, 2, 3}) {
    const NpyHead head = parsed("{'descr': '>f8', 'fortran_order': True, 'shape': (3, 4)}\n", version);
    EXPECT_EQ(head.dtype, float64);
    EXPECT_TRUE(head.fortran_order && head.reversed());
    EXPECT_EQ(head.shape, (Shape{3, 4}));
    EXPECT_EQ(head.bytes, 96);
    EXPECT_EQ(head.offset, 57 + (version == 1 ? 10 : 12));
  }
}

TEST(NpyHead, KnowsRecordsWithGapsTitlesAndSubarrays) {
  const NpyHead head = parsed(
      "{'descr': [(('a title', 'x'), '<f4'), ('', '|V4'), ('y', [('z', '>i2'), ('s', '|S3')], (2,))],"
      " 'fortran_order': False, 'shape': (7,)}");
  const DType inner = DType::record({{"z", int16, 0, {}}, {"s", DType::fixed_bytes(3), 2, {}}}, 5);
  EXPECT_EQ(head.dtype, DType::record({{"x", float32, 0, {}}, {"y", inner, 8, {2}}}, 18));
  ASSERT_EQ(head.fixes.size(), 2u);
  EXPECT_EQ(head.fixes[0].offset, 8);
  EXPECT_EQ(head.fixes[1].offset, 13);
  EXPECT_EQ(head.bytes, 126);
}

TEST(NpyHead, ReadsLatin1BeforeVersion3AndUtf8InIt) {
  const std::string rest = "', '|b1')], 'fortran_order': False, 'shape': (1,)}";
  EXPECT_EQ(parsed("{'descr': [('\xe9" + rest, 1).dtype.fields()[0].name, "\xc3\xa9");
  EXPECT_EQ(parsed("{'descr': [('\xc3\xa9" + rest, 3).dtype.fields()[0].name, "\xc3\xa9");
  EXPECT_EQ(parsed("{'descr': [('\\u65e5\\U0001f600" + rest, 3).dtype.fields()[0].name, "\xe6\x97\xa5\xf0\x9f\x98\x80");
  EXPECT_THROW(parsed("{'descr': [('\xe9" + rest, 3), IoError);
  EXPECT_THROW(parsed("{'descr': [('\\ud800" + rest, 3), IoError);
  EXPECT_THROW(parsed("{'descr': [('\xed\xa0\x80" + rest, 3), IoError);
}

TEST(NpyHead, TakesNoMoreThanALimit) {
  const std::string front = std::string("\x93NUMPY\x02\0", 8) + numbers({{0xFFFFFFFF, 4}});
  EXPECT_NE(
      message_of<IoError>([&] { npy_head_size("test", "it", front); }).find("at most 65536 bytes, got 4294967295"),
      std::string::npos);
}

class NpyReading : public InScratchFolder {
 protected:
  NpyReading() : InScratchFolder("a.npy") {}

  void write(const std::string& contents) const { std::ofstream(path_, std::ios::binary) << contents; }
  static Tensor whole(const Dataset& dataset) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(dataset.cardinality()));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
    return dataset.gather(all).tensor();
  }
};

TEST_F(NpyReading, GivesWhatWasWritten) {
  Dataset rows = from_tensor_slices(Tensor::of<float>({1, 2, 3, 4, 5, 6}, {3, 2}));
  write_npy(rows, path_);
  for (const bool mmap : {false, true}) {
    const Dataset read = from_npy({path_}, mmap);
    EXPECT_EQ(read.cardinality(), 3);
    EXPECT_TRUE(equal(whole(read), Tensor::of<float>({1, 2, 3, 4, 5, 6}, {3, 2})));
    EXPECT_TRUE(equal(read[-1].tensor(), Tensor::of<float>({5, 6})));
  }
}

TEST_F(NpyReading, PutsFortranOrderAndByteOrderRight) {
  const std::string data("\0\1\0\2\0\3\0\4\0\5\0\6", 12);
  write(head_of("{'descr': '>i2', 'fortran_order': True, 'shape': (3, 2)}") + data);
  EXPECT_TRUE(equal(whole(from_npy({path_})), Tensor::of<std::int16_t>({1, 4, 2, 5, 3, 6}, {3, 2})));
}

TEST_F(NpyReading, MapsWithoutACopy) {
  Dataset rows = range(1000);
  write_npy(rows, path_);
  const Dataset read = from_npy({path_}, true);
  Iterator iterator = (read | Batch{100}).iterate(0);
  const std::byte* const first = iterator.next()->tensor().data();
  for (int i = 1; i < 10; ++i) EXPECT_EQ(iterator.next()->tensor().data(), first + 800 * i);
}

TEST_F(NpyReading, RefusesPythonObjectsByName) {
  write(head_of("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}") + "cos\nsystem\n");
  const std::string said = message_of<TypeError>([&] { from_npy({path_}); });
  EXPECT_NE(said.find("got Python objects ('|O') in '" + path_ + "', which are a pickle"), std::string::npos) << said;
}

TEST_F(NpyReading, NoticesAFileThatIsCutMeanwhile) {
  Dataset rows = range(100);
  write_npy(rows, path_);
  const Dataset read = from_npy({path_});
  std::filesystem::resize_file(path_, 500);
  const std::string said = message_of<IoError>([&] { read[77]; });
  EXPECT_NE(said.find("cannot read row 77 of '" + path_ + "': the file was cut"), std::string::npos) << said;
}

TEST_F(NpyReading, ReadsArchivesAndTheirChecksums) {
  Dataset rows = range(10);
  write_npy(rows, path_);
  const std::string archive = path_ + "z";
  std::string zip = zip_of({{"x.npy", contents_of(path_)}});
  std::ofstream(archive, std::ios::binary) << zip;
  const Element x(Tensor::text_scalar("x"));
  EXPECT_TRUE(equal(whole(from_npz({archive}, x)), whole(range(10))));
  zip[zip.find("NUMPY") + 200] ^= 1;  // in the array
  std::ofstream(archive, std::ios::binary) << zip;
  const Dataset damaged = from_npz({archive}, x);
  for (int turn = 0; turn < 2; ++turn) {
    const std::string said = message_of<IoError>([&] { damaged[0]; });
    EXPECT_NE(said.find("cannot read 'x' in '" + archive + "': its checksum (CRC-32) is another one"),
              std::string::npos)
        << said;
  }
  EXPECT_NO_THROW(from_npz({archive}, x, true)[0]);  // mapped bytes are as they are
}

}  // namespace
}  // namespace headrace
