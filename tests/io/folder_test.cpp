// What a folder of elements holds, below the stages; tests/python/test_folders.py asks NumPy and other processes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <headrace/io/element_folder.hpp>
#include <headrace/io/folder_writer.hpp>
#include <headrace/io/save.hpp>
#include <headrace/io/stages.hpp>
#include <headrace/pipeline/held_dataset.hpp>

#include "scratch.hpp"

namespace headrace {
namespace {

namespace fs = std::filesystem;

class Folder : public InScratchFolder {
 protected:
  Folder() : InScratchFolder("out") {}

  FolderNote note() const { return {"save", path_, "0123456789abcdef", std::nullopt, false}; }
  std::shared_ptr<const ElementFolder> opened() const { return ElementFolder::open("load", path_); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path().filename().string());
    return all;
  }
};

Tensor numbers(std::int64_t n) {
  Tensor tensor = Tensor::empty(int32, {n});
  for (std::int64_t i = 0; i < n; ++i)
    tensor.mutable_values<std::int32_t>()[static_cast<std::size_t>(i)] = static_cast<int>(10 * n + i);
  return tensor;
}

TEST_F(Folder, GivesEveryDtypeBack) {
  const DType inner = DType::record({{"x", bfloat16, 1, {2}}}, 7);
  const DType dtypes[] = {boolean,
                          int8,
                          uint64,
                          float16,
                          bfloat16,
                          complex64,
                          complex128,
                          inner,
                          DType::datetime64("25s"),
                          DType::timedelta64(""),
                          DType::fixed_bytes(0),
                          DType::fixed_bytes(5),
                          DType::fixed_text(3),
                          DType::record({{"é", float32, 4, {}}, {"b", inner, 8, {3}}}, 32)};
  for (const DType dtype : dtypes) {
    Tensor rows = Tensor::empty(dtype, {3, 2});
    for (std::int64_t i = 0; i < rows.nbytes(); ++i) rows.mutable_data()[i] = static_cast<std::byte>(i % 2);
    Dataset dataset = from_tensor_slices(rows);
    save(dataset, path_);
    const Dataset loaded = load(path_);
    EXPECT_EQ(loaded.cardinality(), 3) << dtype.name();
    for (std::int64_t i = 0; i < 3; ++i) EXPECT_TRUE(equal(loaded[i].tensor(), rows.row(i))) << dtype.name();
    EXPECT_TRUE(same(loaded.element_spec(), dataset.element_spec())) << dtype.name();
  }
}

TEST_F(Folder, TakesPositionsInAnyOrderAndShapesThatVary) {
  const std::int64_t order[] = {7, 0, 3, 1, 6, 2, 5, 4};
  FolderWriter writer(note());
  for (const auto position : order) {
    const std::int64_t size = position > 4 ? position : 2;  // the first ones are alike
    writer.put(position, Element(numbers(size)));
    for (const auto before : order) {
      EXPECT_EQ(writer.get(before).tensor().shape()[0], before > 4 ? before : 2);
      if (before == position) break;
    }
  }
  EXPECT_TRUE(writer.finish(8));
  const auto folder = opened();
  EXPECT_FALSE(folder->gives_views());
  for (const auto position : order)
    EXPECT_TRUE(equal(folder->element(position).tensor(), numbers(position > 4 ? position : 2)));
  EXPECT_EQ(folder->manifest().spec()->to_string(), "int32(?)");
}

TEST_F(Folder, TakesBlocksAndMatchesTheKeysOfDicts) {
  const auto block = [](std::vector<std::string> keys, std::vector<Tensor> columns) {
    return Rows::of_columns(Structure::dict(std::move(keys), {Structure::leaf(), Structure::leaf()}),
                            std::move(columns), 2);
  };
  const std::string_view texts[] = {"", "é"};
  const Tensor x = Tensor::of<double>({1, 2, 3, 4}, {2, 2});
  const Rows first = block({"x", "t"}, {x, Tensor::texts(texts)}),
             second = block({"t", "x"}, {Tensor::texts(texts), x});
  FolderWriter writer(note());
  writer.put(2, all(first));
  writer.put(0, all(second));
  EXPECT_TRUE(writer.finish(4));
  const Rows rows = opened()->gather(Positions::range(0, 4));
  ASSERT_TRUE(rows.stacked);
  EXPECT_TRUE(equal(rows.columns[0], concatenate(std::vector<Tensor>{x, x})));
  EXPECT_EQ(rows.columns[1].row(3).text(), "é");
  EXPECT_EQ(rows.columns[1].row(0).text(), "");
}

TEST_F(Folder, OfTwoWritersTheFirstNamesTheFolder) {
  {
    FolderWriter a(note()), b(note()), dropped(note());
    for (std::int64_t i = 0; i < 3; ++i) a.put(i, Element(Tensor::scalar(i)));
    b.put(0, Element(Tensor::scalar(1.0)));
    dropped.put(0, Element(Tensor::scalar(2.0)));
    EXPECT_TRUE(a.finish(3));
    EXPECT_FALSE(b.finish(1));
    EXPECT_EQ(opened()->count(), 3);
    EXPECT_EQ(names().size(), 3u);  // and those of the other two
  }
  EXPECT_EQ(names(), std::vector<std::string>{"out"});
}

TEST_F(Folder, RemovesWhatADeadProcessLeftAndNothingElse) {
  fs::create_directory(folder_ / "out.part-dead");
  std::ofstream(folder_ / "out.part-dead" / "0.npy") << "x";
  fs::create_directory(folder_ / "other.part-dead");
  std::ofstream(folder_ / "out.part-file") << "x";
  FolderWriter alive(note());
  FolderWriter writer(note());
  writer.put(0, Element(numbers(1)));
  EXPECT_TRUE(writer.finish(1));
  EXPECT_FALSE(fs::exists(folder_ / "out.part-dead"));
  EXPECT_TRUE(fs::exists(folder_ / "other.part-dead"));
  EXPECT_TRUE(fs::exists(folder_ / "out.part-file"));
  alive.put(0, Element(numbers(1)));  // was not taken for dead
  EXPECT_EQ(names().size(), 4u);
}

TEST_F(Folder, RefusesWhatCannotStandBesideTheElementsBefore) {
  FolderWriter writer(note());
  writer.put(0, Element(numbers(2)));
  EXPECT_THROW(writer.put(1, Element(Tensor::scalar(std::int32_t{1}))), ValueError);
  EXPECT_THROW(writer.put(1, Element(Tensor::of<double>({1}))), ValueError);
  EXPECT_THROW(writer.put(1, Element(Structure::tuple({Structure::leaf()}), {numbers(2)})), ValueError);
  EXPECT_THROW(writer.put(1, Element(held_dataset(range(3)), {})), TypeError);
  writer.put(1, Element(numbers(2)));
  EXPECT_TRUE(writer.finish(2));
  EXPECT_TRUE(opened()->gives_views());
}

TEST_F(Folder, LoadedRangesAreViewsThatOutliveEverything) {
  Tensor batch;
  {
    Dataset dataset = range(100);
    save(dataset, path_);
    const Dataset loaded = load(path_) | Batch{25};
    Iterator iterator = loaded.iterate(0);
    const Element first = *iterator.next(), second = *iterator.next();
    EXPECT_EQ(second.tensor().data(), first.tensor().data() + 25 * 8);
    EXPECT_TRUE(first.tensor().buffer() == second.tensor().buffer());
    EXPECT_FALSE(second.tensor().writable());
    batch = second.tensor();
  }
  fs::remove_all(path_);
  EXPECT_EQ(batch.values<std::int64_t>()[24], 49);
}

}  // namespace
}  // namespace headrace
