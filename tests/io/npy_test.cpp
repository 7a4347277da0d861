// What NumPy itself says of such a file stands in tests/python/test_samples.py.
#include <headrace/io/npy.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include <headrace/tensor/error.hpp>

#include "scratch.hpp"

namespace headrace {
namespace {

namespace fs = std::filesystem;

class Npy : public InScratchFolder {
 protected:
  Npy() : InScratchFolder("out.npy") {}

  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string header_of(const std::string& bytes) { return bytes.substr(10, bytes.find('\n') - 10); }
  static std::string data_of(const std::string& bytes) { return bytes.substr(bytes.find('\n') + 1); }
  bool part_exists() const { return fs::exists(path_ + ".part"); }
};

TEST_F(Npy, WritesBatchesOneAfterTheOther) {
  NpyWriter writer(path_);
  writer.append(Tensor::of<float>({1, 2, 3, 4}, {2, 2}));
  writer.append(Tensor::of<float>({5, 6}, {1, 2}));
  EXPECT_EQ(writer.rows(), 3);
  writer.close();
  const auto bytes = read(path_);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ(header_of(bytes).substr(0, 60), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2,), }");
  const auto data = data_of(bytes);
  EXPECT_EQ((bytes.size() - data.size()) % 64, 0u);
  const auto expected = Tensor::of<float>({1, 2, 3, 4, 5, 6});
  EXPECT_EQ(data, std::string(reinterpret_cast<const char*>(expected.data()), 24));
}

TEST_F(Npy, HeaderHasRoomForAnyLength) {
  const auto size_with = [&](std::int64_t rows) {
    NpyWriter writer(path_);
    writer.append(Tensor::empty(uint8, {rows, 0}));
    writer.close();
    EXPECT_NE(header_of(read(path_)).find("(" + std::to_string(rows) + ", 0,)"), std::string::npos);
    return read(path_).size();
  };
  EXPECT_EQ(size_with(0), size_with(std::numeric_limits<std::int64_t>::max()));
}

TEST_F(Npy, WritesStridedBatchesInOrder) {
  const auto column = Tensor::of<std::int32_t>({1, 2, 3, 4, 5, 6}).rows(5, 6, -1);
  NpyWriter writer(path_);
  writer.append(column);
  writer.close();
  const auto expected = Tensor::of<std::int32_t>({6, 5, 4, 3, 2, 1});
  EXPECT_EQ(data_of(read(path_)), std::string(reinterpret_cast<const char*>(expected.data()), 24));
}

TEST_F(Npy, NamesEveryDtypeAsNumPyDoes) {
  const std::pair<DType, const char*> names[] = {{boolean, "|b1"},
                                                 {int8, "|i1"},
                                                 {uint64, "<u8"},
                                                 {float16, "<f2"},
                                                 {complex128, "<c16"},
                                                 {DType::datetime64("ns"), "<M8[ns]"},
                                                 {DType::timedelta64("25s"), "<m8[25s]"},
                                                 {DType::fixed_bytes(5), "|S5"},
                                                 {DType::fixed_text(3), "<U3"}};
  for (const auto& [dtype, name] : names) {
    NpyWriter writer(path_);
    writer.append(Tensor::zeros(dtype, {1}));
    writer.close();
    EXPECT_NE(header_of(read(path_)).find(std::string("'descr': '") + name + "'"), std::string::npos) << name;
  }
}

TEST_F(Npy, NamesTheFieldsAndGapsOfRecords) {
  const DType record = DType::record({{"a", float32, 0, {}}, {"b", int16, 6, {2}}}, 12);
  NpyWriter writer(path_);
  writer.append(Tensor::zeros(record, {1}));
  writer.close();
  EXPECT_NE(header_of(read(path_)).find("'descr': [('a', '<f4'), ('', '|V2'), ('b', '<i2', (2,)), ('', '|V2'), ], "),
            std::string::npos);
  NpyWriter refused(path_);
  EXPECT_THROW(refused.append(Tensor::zeros(DType::record({{"b", int16, 2, {}}, {"a", int16, 0, {}}}, 4), {1})),
               TypeError);
}

TEST_F(Npy, FileAppearsOnlyWhenItIsWhole) {
  std::ofstream(path_) << "old";
  {
    NpyWriter writer(path_);
    writer.append(Tensor::of<float>({1, 2}));
    EXPECT_EQ(read(path_), "old");
    EXPECT_TRUE(part_exists());
  }  // given up
  EXPECT_EQ(read(path_), "old");
  EXPECT_FALSE(part_exists());
  NpyWriter writer(path_);
  writer.append(Tensor::of<float>({1, 2}));
  writer.close();
  EXPECT_EQ(data_of(read(path_)).size(), 8u);
  EXPECT_FALSE(part_exists());
}

TEST_F(Npy, ReplacesWhatAKilledRunLeft) {
  std::ofstream(path_ + ".part") << std::string(1000, 'x');
  NpyWriter writer(path_);
  writer.append(Tensor::of<std::uint8_t>({7}));
  writer.close();
  EXPECT_EQ(data_of(read(path_)), "\x07");
}

TEST_F(Npy, RefusesOtherRowsAndGoesOn) {
  NpyWriter writer(path_);
  writer.append(Tensor::of<float>({1, 2}, {1, 2}));
  EXPECT_EQ(message_of<ValueError>([&] {
              writer.append(Tensor::of<float>({1, 2, 3}, {1, 3}));
            }),
            "[npy] rows of '" + path_ + "' are float32(2,), got float32(3,); make them equal in map");
  EXPECT_THROW(writer.append(Tensor::of<double>({1, 2}, {1, 2})), ValueError);
  EXPECT_THROW(writer.append(Tensor::scalar(1.0F)), ValueError);
  writer.append(Tensor::of<float>({3, 4}, {1, 2}));
  writer.close();
  EXPECT_EQ(data_of(read(path_)).size(), 16u);
}

TEST_F(Npy, RefusesDtypesWithoutAName) {
  const std::string_view words[] = {"a", "bc"};
  NpyWriter writer(path_);
  EXPECT_THROW(writer.append(Tensor::texts(words)), TypeError);
  EXPECT_THROW(writer.append(Tensor::zeros(bfloat16, {2})), TypeError);
}

TEST_F(Npy, NeedsABatchAndClosesOnce) {
  NpyWriter writer(path_);
  EXPECT_THROW(writer.close(), ValueError);
  writer.append(Tensor::of<float>({1}));
  writer.close();
  EXPECT_THROW(writer.append(Tensor::of<float>({1})), IoError);
  EXPECT_THROW(writer.close(), IoError);
}

TEST_F(Npy, NamesTheFileThatCannotBeCreated) {
  const auto path = (folder_ / "missing" / "out.npy").string();
  EXPECT_EQ(message_of<IoError>([&] { NpyWriter writer(path); }),
            "[npy] cannot create '" + path + ".part': No such file or directory");
}

TEST_F(Npy, LeavesAnotherWritersFileAlone) {
  NpyWriter first(path_);
  first.append(Tensor::of<std::uint8_t>({7}));
  EXPECT_EQ(message_of<IoError>([&] { NpyWriter second(path_); }),
            "[npy] cannot create '" + path_ + ".part': another writer is at it");
  first.close();
  EXPECT_EQ(data_of(read(path_)), "\x07");
}

TEST_F(Npy, APartThatCannotBeWrittenIsAnErrorAndGone) {
  fs::create_symlink("/dev/full", path_ + ".part");
  EXPECT_THROW(NpyWriter{path_}, IoError);
  EXPECT_FALSE(fs::is_symlink(path_ + ".part"));
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(Npy, LimitReachedMidWayIsAnErrorAndTheOldFileStays) {
  std::ofstream(path_) << "old";
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{10'000, before.rlim_max};
  NpyWriter writer(path_);
  setrlimit(RLIMIT_FSIZE, &limit);  // the second batch is written in part: a short write, then an error
  writer.append(Tensor::zeros(float32, {2'000}));
  EXPECT_THROW(writer.append(Tensor::zeros(float32, {2'000})), IoError);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read(path_), "old");
  EXPECT_FALSE(part_exists());
}

}  // namespace
}  // namespace headrace
