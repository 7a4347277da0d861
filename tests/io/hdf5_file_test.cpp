// What h5py itself says of such files stands in tests/python.
#include <headrace/io/hdf5/file.hpp>

#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <thread>

#include <headrace/tensor/error.hpp>

#include "scratch.hpp"

namespace headrace::hdf5 {
namespace {

namespace fs = std::filesystem;

constexpr auto kStage = "from_hdf5";

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Handles of libhdf5, closed together, last first.
class Handles {
 public:
  ~Handles() {
    for (auto id = ids_.rbegin(); id != ids_.rend(); ++id) H5Idec_ref(*id);
  }
  hid_t operator()(hid_t id) {
    if (id < 0) throw std::runtime_error("libhdf5 refused what the test asks for");
    ids_.push_back(id);
    return id;
  }

 private:
  std::vector<hid_t> ids_;
};

class Hdf5File : public InScratchFolder {
 protected:
  Hdf5File() : InScratchFolder("train.h5") {}

  hid_t create(Handles& keep, const std::string& path, hsize_t user_block = 0, bool newest = false) {
    const hid_t creation = keep(H5Pcreate(H5P_FILE_CREATE)), access = keep(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_userblock(creation, user_block);
    if (newest) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    return keep(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access));
  }
  hid_t dataset(Handles& keep, hid_t file, const char* name, hid_t type, std::vector<hsize_t> sizes,
                hid_t creation = H5P_DEFAULT) {
    const hid_t space = keep(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr));
    return keep(H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  }
  /// (7, 5) int32 in chunks of (3, 2), or contiguous; item i is i.
  hid_t numbers(Handles& keep, hid_t file, const char* name, hid_t creation = H5P_DEFAULT, hid_t type = H5T_STD_I32LE) {
    const hid_t id = dataset(keep, file, name, type, {7, 5}, creation);
    std::vector<int> values(35);
    std::iota(values.begin(), values.end(), 0);
    H5Dwrite(id, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    return id;
  }
  hid_t chunked(Handles& keep, std::vector<hsize_t> chunk) {
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    return creation;
  }
  /// A file with '/numbers', contiguous.
  void write_numbers(const std::string& path) {
    Handles keep;
    numbers(keep, create(keep, path), "numbers");
  }
  std::shared_ptr<File> open(bool trusted = false) { return File::open(kStage, path_, trusted); }
  std::string refusal(const std::string& name, bool trusted = false) {
    return message_of<IoError>([&] { open(trusted)->array(kStage, name)->read_rows(kStage, 0, 1); });
  }
};

std::vector<int> counted(int first, int count) {
  std::vector<int> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), first);
  return values;
}

std::vector<int> values_of(const Tensor& tensor) {
  const auto values = tensor.values<std::int32_t>();
  return {values.begin(), values.end()};
}

TEST_F(Hdf5File, ReadsRowsOfAnyLayout) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    numbers(keep, file, "contiguous", H5P_DEFAULT, H5T_STD_I32BE);
    numbers(keep, file, "chunked", chunked(keep, {3, 2}));
    const hid_t compact = keep(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_layout(compact, H5D_COMPACT);
    numbers(keep, file, "compact", compact, H5T_STD_I16LE);
  }
  const auto file = open();
  for (const char* name : {"contiguous", "chunked"}) {
    const auto array = file->array(kStage, name);
    EXPECT_EQ(array->info().shape, Shape({7, 5}));
    EXPECT_EQ(array->info().dtype, int32);
    EXPECT_EQ(array->info().slow_because, "");
    EXPECT_EQ(values_of(array->read_rows(kStage, 2, 3)), counted(10, 15)) << name;
    EXPECT_EQ(array->read_rows(kStage, 7, 0).shape(), Shape({0, 5}));
    EXPECT_TRUE(holds(message_of<IndexError>([&] { array->read_rows(kStage, 6, 2); }), "has 7 rows, got 2 from 6"));
  }
  EXPECT_EQ(file->array(kStage, "contiguous")->info().swap, 4);
  const auto compact = file->array(kStage, "compact");
  EXPECT_EQ(compact->info().layout, Layout::compact);
  EXPECT_EQ(compact->info().slow_because, "compact dataset");
  EXPECT_EQ(compact->read_rows(kStage, 1, 1).values<std::int16_t>()[4], 9);
}

TEST_F(Hdf5File, FindsContiguousBytesBehindAUserBlock) {
  for (const hsize_t user_block : {0, 512, 4096}) {
    for (const bool newest : {false, true}) {
      {
        Handles keep;
        numbers(keep, create(keep, path_, user_block, newest), "numbers");
      }
      const auto array = open()->array(kStage, "/numbers");  // lives on without our File
      ASSERT_TRUE(array->info().offset.has_value());
      std::vector<int> values(35);
      array->read_bytes(kStage, *array->info().offset, reinterpret_cast<std::byte*>(values.data()), 140);
      EXPECT_EQ(values, counted(0, 35)) << user_block;
    }
  }
}

TEST_F(Hdf5File, GivesChunksAsTheyAreStored) {
  {
    Handles keep;
    const hid_t file = create(keep, path_, 512);
    const hid_t creation = chunked(keep, {3, 2});
    numbers(keep, file, "plain", creation);
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 4);
    numbers(keep, file, "gzip", creation);
  }
  const auto file = open();
  const auto plain = file->array(kStage, "plain");
  EXPECT_EQ(plain->info().chunk, Shape({3, 2}));
  const auto chunk = plain->read_chunk(kStage, {3, 2});
  ASSERT_TRUE(chunk.has_value());
  ASSERT_EQ(chunk->size, 24);
  const int* const items = reinterpret_cast<const int*>(chunk->bytes.data());
  EXPECT_EQ(std::vector<int>(items, items + 6), (std::vector<int>{17, 18, 22, 23, 27, 28}));
  EXPECT_EQ(plain->read_chunk(kStage, {6, 4})->size, 24);  // at the edge, too, a chunk is whole
  const auto gzip = file->array(kStage, "gzip");
  ASSERT_EQ(gzip->info().filters.filters().size(), 2U);
  EXPECT_EQ(gzip->info().filters.filters()[0].id, 2);
  EXPECT_EQ(gzip->info().filters.filters()[0].values, std::vector<unsigned>{4});
  EXPECT_EQ(gzip->info().filters.filters()[1].id, 1);
  EXPECT_EQ(gzip->read_chunk(kStage, {6, 4})->filter_mask, 0U);
  EXPECT_EQ(values_of(gzip->read_rows(kStage, 0, 7)), counted(0, 35));
}

TEST_F(Hdf5File, SaysThatEdgeChunksWereNotFilteredWhereTheyWereNot) {
  {
    Handles keep;
    const hid_t creation = chunked(keep, {3, 2});
    H5Pset_deflate(creation, 4);
    H5Pset_chunk_opts(creation, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
    numbers(keep, create(keep, path_, 0, true), "numbers", creation);
  }
  const auto array = open()->array(kStage, "numbers");
  for (std::int64_t row = 0; row < 7; row += 3) {
    for (std::int64_t column = 0; column < 5; column += 2) {
      const auto chunk = array->read_chunk(kStage, {row, column});
      const bool edge = row == 6 || column == 4;
      EXPECT_EQ(chunk->filter_mask, edge ? 0xffffffffU : 0U);
      int first = -1;
      if (edge) std::memcpy(&first, chunk->bytes.data(), sizeof first);
      EXPECT_EQ(first, edge ? 5 * row + column : -1);
    }
  }
}

TEST_F(Hdf5File, GivesTheFillValueWhereNothingWasWritten) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hid_t creation = chunked(keep, {3, 2});
    const float fill = 7;
    H5Pset_fill_value(creation, H5T_NATIVE_FLOAT, &fill);
    dataset(keep, file, "filled", H5T_IEEE_F32BE, {7, 5}, creation);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    dataset(keep, file, "never filled", H5T_IEEE_F32BE, {7, 5}, creation);
    dataset(keep, file, "contiguous", H5T_IEEE_F32BE, {7, 5});
  }
  const auto file = open();
  for (const auto& [name, wanted] : {std::pair{"filled", 7.F}, {"never filled", 0.F}, {"contiguous", 0.F}}) {
    const auto array = file->array(kStage, name);
    float fill = -1;
    ASSERT_EQ(array->info().fill.size(), sizeof fill);
    std::memcpy(&fill, array->info().fill.data(), sizeof fill);
    EXPECT_EQ(fill, wanted) << name;
    EXPECT_EQ(array->read_rows(kStage, 0, 7).values<float>()[34], wanted) << name;
    EXPECT_FALSE(array->info().offset.has_value());
  }
  EXPECT_FALSE(file->array(kStage, "filled")->read_chunk(kStage, {3, 2}).has_value());
}

TEST_F(Hdf5File, KnowsTypes) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const auto make = [&](const char* name, hid_t type) { dataset(keep, file, name, type, {3}); };
    const hid_t bits = keep(H5Tcopy(H5T_STD_U32LE));
    H5Tset_precision(bits, 20);
    make("20 bits", bits);
    const hid_t brain = keep(H5Tcopy(H5T_IEEE_F32LE));
    H5Tset_fields(brain, 15, 7, 8, 0, 7);
    H5Tset_size(brain, 2);
    H5Tset_ebias(brain, 127);
    make("brain", brain);
    make("reference", H5T_STD_REF_OBJ);
    make("sequence", keep(H5Tvlen_create(H5T_STD_I32LE)));
    make("80 bits", H5T_NATIVE_LDOUBLE);
    const hid_t boolean_type = keep(H5Tenum_create(H5T_STD_I8LE)), wide = keep(H5Tenum_create(H5T_STD_I16BE));
    for (const std::int16_t value : {0, 1}) {
      const std::int8_t small = static_cast<std::int8_t>(value);
      H5Tenum_insert(boolean_type, value ? "TRUE" : "FALSE", &small);
      H5Tenum_insert(wide, value ? "TRUE" : "FALSE", &value);
    }
    make("bool", boolean_type);
    make("enum", wide);
    const hid_t complex_type = keep(H5Tcreate(H5T_COMPOUND, 8));
    H5Tinsert(complex_type, "r", 0, H5T_IEEE_F32BE);
    H5Tinsert(complex_type, "i", 4, H5T_IEEE_F32BE);
    make("complex", complex_type);
    const hid_t record = keep(H5Tcreate(H5T_COMPOUND, 24));
    const hsize_t axes[] = {2, 3};
    H5Tinsert(record, "a", 0, H5T_STD_I8LE);
    H5Tinsert(record, "b", 4, keep(H5Tarray_create2(H5T_STD_I16LE, 2, axes)));
    H5Tinsert(record, "c", 16, complex_type);
    make("record", record);
    make("array", keep(H5Tarray_create2(H5T_STD_I16BE, 2, axes)));
    const hid_t opaque = keep(H5Tcreate(H5T_OPAQUE, 8));
    H5Tset_tag(opaque, "NUMPY:<M8[ns]");
    make("time", opaque);
  }
  const auto file = open();
  const auto check = [&](const char* name, const char* dtype, int swap, const char* slow) {
    const auto array = file->array(kStage, name);
    const ArrayInfo& info = array->info();
    EXPECT_EQ(info.dtype.name(), dtype) << name;
    EXPECT_EQ(info.swap, swap) << name;
    EXPECT_EQ(info.slow_because, slow) << name;
  };
  check("20 bits", "uint32", 0, "integers of 20 bits");
  check("brain", "bfloat16", 1, "");
  check("bool", "bool", 1, "");
  check("enum", "int16", 2, "");
  check("complex", "complex64", 4, "");
  check("record", "record{a: int8 @0, b: int16(2, 3) @4, c: complex64 @16, 24 bytes}", 0, "field 'c': its byte order");
  check("array", "int16", 2, "");
  check("time", "datetime64[ns]", 1, "");
  EXPECT_EQ(file->array(kStage, "array")->info().shape, Shape({3, 2, 3}));
  EXPECT_EQ(file->array(kStage, "array")->info().rank, 1);
  for (const auto& [name, why] : {std::pair{"reference", "references"},
                                  {"sequence", "variable-length sequences"},
                                  {"80 bits", "floats of 80 bits, wider than float64"}}) {
    EXPECT_TRUE(holds(message_of<TypeError>([&] { file->array(kStage, name); }), why)) << name;
  }
}

TEST_F(Hdf5File, CopiesTextsAndCutsFixedOnes) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hid_t variable = keep(H5Tcopy(H5T_C_S1)), fixed = keep(H5Tcopy(H5T_C_S1));
    H5Tset_size(variable, H5T_VARIABLE);
    H5Tset_cset(variable, H5T_CSET_UTF8);
    H5Tset_size(fixed, 4);
    const char* texts[] = {"a",
                           "stra\xc3\x9f"
                           "e",
                           ""};
    H5Dwrite(dataset(keep, file, "variable", variable, {3}), variable, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts);
    dataset(keep, file, "never", variable, {3});
    H5Dwrite(dataset(keep, file, "fixed", fixed, {2}), fixed, H5S_ALL, H5S_ALL, H5P_DEFAULT, "ab\0xcde");
  }
  const auto file = open();
  const auto array = file->array(kStage, "variable");
  EXPECT_EQ(array->info().dtype, text);
  EXPECT_TRUE(equal(array->read_rows(kStage, 1, 2), Tensor::texts(std::vector<std::string_view>{"stra\xc3\x9f"
                                                                                                "e",
                                                                                                ""})));
  EXPECT_TRUE(equal(file->array(kStage, "never")->read_rows(kStage, 0, 2),
                    Tensor::texts(std::vector<std::string_view>{"", ""})));
  const Tensor fixed = file->array(kStage, "fixed")->read_rows(kStage, 0, 2);
  EXPECT_EQ(fixed.dtype(), DType::fixed_bytes(4));
  const std::string_view bytes(reinterpret_cast<const char*>(fixed.data()), 8);
  EXPECT_EQ(bytes, std::string_view("ab\0\0cde\0", 8));  // what stood behind the zero is not text
}

TEST_F(Hdf5File, ListsGroupsWhoseLinksGoInCircles) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hid_t group = keep(H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_hard(file, "/", group, "up", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/a", group, "self", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/loop", file, "loop", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/nowhere", file, "dangling", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/x", file, "outside", H5P_DEFAULT, H5P_DEFAULT);
    numbers(keep, group, "numbers");
  }
  const auto file = open();
  std::vector<std::string> names;
  for (const Member& member : file->members(kStage, "/", true)) {
    names.push_back(member.name);
    EXPECT_EQ(member.why.empty(), member.group || member.dtype) << member.name;
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"/a", "/a/numbers", "/a/self", "/a/up", "/dangling", "/loop", "/outside"}));
  EXPECT_EQ(file->members(kStage, "a", false).size(), 3U);
  EXPECT_TRUE(file->is_group(kStage, "a/up/a"));
  EXPECT_TRUE(
      holds(refusal("outside"), "external link to '/x' in 'other.h5', which is followed only with trusted=True"));
  EXPECT_TRUE(holds(refusal("a/nubers"), "there is no '/a/nubers'; '/a' holds 'numbers', 'self', 'up'"));
  EXPECT_TRUE(holds(refusal("a/numbers/x"), "'/a/numbers' is no group"));
  EXPECT_TRUE(holds(refusal("a"), "it is a group"));
}

TEST_F(Hdf5File, FollowsExternalLinksOfATrustedFile) {
  write_numbers((folder_ / "other.h5").string());
  {
    Handles keep;
    H5Lcreate_external("other.h5", "/numbers", create(keep, path_), "outside", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_EQ(values_of(open(true)->array(kStage, "outside")->read_rows(kStage, 6, 1)), counted(30, 5));
}

TEST_F(Hdf5File, ReadsBytesInOtherFilesOnlyWhereTrusted) {
  const std::string raw = (folder_ / "raw").string();
  std::ofstream(raw, std::ios::binary) << std::string(140, 'x');
  {
    Handles keep;
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_external(creation, raw.c_str(), 0, 140);
    dataset(keep, create(keep, path_), "numbers", H5T_STD_I32LE, {7, 5}, creation);
  }
  EXPECT_TRUE(holds(refusal("numbers"), "its bytes are in other files; open it with trusted=True"));
  EXPECT_EQ(open()->members(kStage, "/", false)[0].dtype, DType());
  const auto array = open(true)->array(kStage, "numbers");
  EXPECT_EQ(array->info().slow_because, "external storage");
  EXPECT_EQ(array->read_rows(kStage, 0, 1).values<std::int32_t>()[0], 0x78787878);
}

TEST_F(Hdf5File, ReadsVirtualDatasetsWithinItsFolder) {
  const auto make_virtual = [&](const std::string& source) {
    Handles keep;
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t sizes[] = {7, 5};
    const hid_t space = keep(H5Screate_simple(2, sizes, nullptr));
    H5Pset_virtual(creation, space, source.c_str(), "/numbers", space);
    dataset(keep, create(keep, path_), "view", H5T_STD_I32LE, {7, 5}, creation);
  };
  make_virtual("part.h5");
  EXPECT_TRUE(holds(refusal("view"), "part.h5' is missing"));
  ASSERT_EQ(::mkfifo((folder_ / "part.h5").c_str(), 0600), 0);
  EXPECT_TRUE(holds(refusal("view"), "part.h5': it must be a plain file"));
  EXPECT_EQ(open()->members(kStage, "/", false)[0].dtype, DType());
  fs::remove(folder_ / "part.h5");
  write_numbers((folder_ / "part.h5").string());
  EXPECT_EQ(refusal("view"), "(nothing was thrown)");
  EXPECT_EQ(values_of(open()->array(kStage, "view")->read_rows(kStage, 1, 1)), counted(5, 5));
  EXPECT_EQ(open()->array(kStage, "view")->info().slow_because, "virtual dataset");
  make_virtual((folder_ / "part.h5").string());
  EXPECT_EQ(refusal("view"), "(nothing was thrown)");
  make_virtual("../part.h5");
  EXPECT_TRUE(holds(refusal("view"), "its source '../part.h5' is not in the folder of the file"));
  make_virtual("/dev/zero");
  EXPECT_TRUE(holds(refusal("view"), "its source '/dev/zero' is not in the folder of the file"));
}

TEST_F(Hdf5File, RefusesVirtualDatasetsThatReferToThemselves) {
  {
    Handles keep;
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t sizes[] = {7, 5};
    const hid_t space = keep(H5Screate_simple(2, sizes, nullptr));
    H5Pset_virtual(creation, space, ".", "/view", space);
    dataset(keep, create(keep, path_), "view", H5T_STD_I32LE, {7, 5}, creation);
  }
  EXPECT_TRUE(holds(refusal("view"), "refer to each other"));
}

TEST_F(Hdf5File, ReadsAttributes) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hid_t group = keep(H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    const hid_t scalar = keep(H5Screate(H5S_SCALAR));
    const double number = 2.5;
    H5Awrite(keep(H5Acreate2(group, "number", H5T_IEEE_F64BE, scalar, H5P_DEFAULT, H5P_DEFAULT)), H5T_NATIVE_DOUBLE,
             &number);
    const hid_t variable = keep(H5Tcopy(H5T_C_S1));
    H5Tset_size(variable, H5T_VARIABLE);
    const char* name = "headrace";
    H5Awrite(keep(H5Acreate2(group, "text", variable, scalar, H5P_DEFAULT, H5P_DEFAULT)), variable, &name);
    keep(H5Acreate2(group, "reference", H5T_STD_REF_OBJ, scalar, H5P_DEFAULT, H5P_DEFAULT));
  }
  const auto attributes = open()->attributes(kStage, "a");
  ASSERT_EQ(attributes.size(), 3U);
  EXPECT_EQ(attributes[0].name, "number");
  EXPECT_EQ(attributes[0].value.item<double>(), 2.5);
  EXPECT_EQ(attributes[1].value.dtype(), DType());
  EXPECT_EQ(attributes[2].value.text(), "headrace");
}

TEST_F(Hdf5File, NamesTheFilterThatIsMissingAndLoadsNoPlugin) {
  {
    Handles keep;
    const hid_t file = create(keep, path_), creation = chunked(keep, {7, 5});
    const unsigned values[] = {1, 2};
    H5Pset_filter(creation, 305, H5Z_FLAG_OPTIONAL, 2, values);
    const hsize_t start[] = {0, 0};
    for (const std::uint32_t mask : {0, 1}) {
      const hid_t id = dataset(keep, file, mask ? "skipped" : "applied", H5T_STD_I32LE, {7, 5}, creation);
      H5Dwrite_chunk(id, H5P_DEFAULT, mask, start, 140, counted(0, 35).data());
    }
  }
  const auto skipped = open()->array(kStage, "skipped");
  EXPECT_TRUE(holds(skipped->info().slow_because, "filter "));
  EXPECT_EQ(skipped->read_chunk(kStage, {0, 0})->filter_mask, 1U);
  EXPECT_EQ(values_of(skipped->read_rows(kStage, 0, 7)), counted(0, 35));
  unsigned before = 0, after = 0;
  H5PLget_loading_state(&before);
  EXPECT_TRUE(holds(refusal("applied"), "filter 305 is not available; with trusted=True libhdf5 may load its plugin"));
  EXPECT_TRUE(holds(refusal("applied", true), "filter 305 is not available; install its plugin for libhdf5 "));
  H5PLget_loading_state(&after);
  EXPECT_EQ(before, after);
  EXPECT_NE(before, 0U);
}

TEST_F(Hdf5File, ReadsASliceOfWhatIsLargerThanAnyMemory) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hsize_t many = hsize_t{1} << 40;
    const hid_t creation = chunked(keep, {1, 1024});
    dataset(keep, file, "huge", H5T_IEEE_F64LE, {many, 1024}, creation);
    dataset(keep, file, "too huge", H5T_IEEE_F64LE, {many, many}, creation);
    dataset(keep, file, "small", H5T_STD_I32LE, {0, 5});
  }
  const auto file = open();
  const auto huge = file->array(kStage, "huge");
  EXPECT_EQ(huge->read_rows(kStage, (std::int64_t{1} << 40) - 2, 2).shape(), Shape({2, 1024}));
  EXPECT_TRUE(holds(refusal("too huge"), "more bytes than any file has"));
  EXPECT_EQ(file->members(kStage, "/", false).size(), 3U);
  EXPECT_EQ(file->array(kStage, "small")->read_rows(kStage, 0, 0).shape(), Shape({0, 5}));
}

TEST_F(Hdf5File, RefusesWhatIsNoHdf5File) {
  const auto why = [&](const fs::path& path) {
    return message_of<IoError>([&] { File::open(kStage, path.string(), false); });
  };
  EXPECT_TRUE(holds(why(folder_ / "none.h5"), "No such file or directory"));
  EXPECT_TRUE(holds(why(folder_), "it must be a plain file"));
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(holds(why(folder_ / "fifo"), "it must be a plain file"));
  EXPECT_TRUE(holds(why("/dev/zero"), "it must be a plain file"));
  std::ofstream(path_) << "name,age\n";
  EXPECT_EQ(why(path_), "[from_hdf5] cannot open '" + path_ + "': not an HDF5 file");
}

TEST_F(Hdf5File, GivesTheSameOrAnErrorForAFileThatWasCutAnywhere) {
  {
    Handles keep;
    const hid_t creation = chunked(keep, {3, 2});
    numbers(keep, create(keep, path_), "numbers", creation);
  }
  const auto size = fs::file_size(path_);
  int errors = 0;
  for (std::uintmax_t cut = 0; cut < size; cut += 61) {
    const std::string path = (folder_ / "cut.h5").string();
    fs::copy_file(path_, path, fs::copy_options::overwrite_existing);
    fs::resize_file(path, cut);
    try {
      const auto file = File::open(kStage, path, false);
      EXPECT_EQ(values_of(file->array(kStage, "numbers")->read_rows(kStage, 0, 7)), counted(0, 35)) << cut;
    } catch (const IoError& error) {
      ++errors;
      EXPECT_TRUE(holds(error.what(), "cut.h5")) << error.what();
    }
  }
  EXPECT_GT(errors, 0);
}

TEST_F(Hdf5File, NoticesAFileThatIsCutWhileItIsOpen) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    numbers(keep, file, "contiguous");
    numbers(keep, file, "chunked", chunked(keep, {7, 5}));
  }
  const auto file = open();
  const auto contiguous = file->array(kStage, "contiguous"), chunks = file->array(kStage, "chunked");
  EXPECT_TRUE(file->unchanged());
  fs::resize_file(path_, 100);
  EXPECT_FALSE(file->unchanged());
  std::byte bytes[140];
  for (const auto& message :
       {message_of<IoError>([&] { contiguous->read_bytes(kStage, *contiguous->info().offset, bytes, 140); }),
        message_of<IoError>([&] { contiguous->read_rows(kStage, 0, 7); }), message_of<IoError>([&] {
          chunks->read_chunk(kStage, {0, 0});
        })})
    EXPECT_TRUE(holds(message, "and now has 100")) << message;
}

TEST_F(Hdf5File, GoesOnInAChildUnlessTheFileChanged) {
  write_numbers(path_);
  const auto file = open();
  const auto array = file->array(kStage, "numbers");
  const auto in_child = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      int result = 2;
      try {
        result = values_of(array->read_rows(kStage, 1, 1)) == counted(5, 5) ? 0 : 3;
      } catch (const IoError& error) {
        result = holds(error.what(), "it has changed since it was opened") ? 1 : 4;
      }
      ::_exit(result);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(in_child(), 0);
  EXPECT_EQ(values_of(array->read_rows(kStage, 1, 1)), counted(5, 5));
  fs::rename(path_, folder_ / "before.h5");
  write_numbers(path_);
  EXPECT_EQ(in_child(), 1);
  EXPECT_EQ(values_of(array->read_rows(kStage, 1, 1)), counted(5, 5));  // this process still holds the old one
}

TEST_F(Hdf5File, ServesManyThreads) {
  {
    Handles keep;
    numbers(keep, create(keep, path_), "numbers", chunked(keep, {1, 5}));
  }
  const auto array = open()->array(kStage, "numbers");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const int row = i % 7;
        int first = -1;
        std::memcpy(&first, array->read_chunk(kStage, {row, 0})->bytes.data(), sizeof first);
        wrong += first != 5 * row;
        wrong += values_of(array->read_rows(kStage, row, 1)) != counted(5 * row, 5);
        try {
          (void)File::open(kStage, path_, false)->array(kStage, "none");
          ++wrong;
        } catch (const IoError&) {  // errors of one thread are not another one's
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Hdf5File, OpensWhatThisProcessHasOpenAlready) {
  Handles keep;
  numbers(keep, create(keep, path_), "numbers");  // with locks, and written
  EXPECT_EQ(values_of(open()->array(kStage, "numbers")->read_rows(kStage, 1, 1)), counted(5, 5));
}

TEST_F(Hdf5File, LocksNoFileAndPrintsNothing) {
  write_numbers(path_);
  testing::internal::CaptureStderr();
  const auto file = open();
  EXPECT_THROW(file->array(kStage, "none"), IoError);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  H5E_auto2_t print = nullptr;
  void* data = nullptr;
  H5Eget_auto2(H5E_DEFAULT, &print, &data);
  EXPECT_NE(print, nullptr);  // others go on printing theirs
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pclose(access);
  std::ifstream locks("/proc/locks");
  const std::string all{std::istreambuf_iterator<char>(locks), {}};
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_FALSE(holds(all, ":" + std::to_string(status.st_ino) + " ")) << all;
}

TEST(Hdf5Library, StatesItsVersion) { EXPECT_TRUE(holds(library_version(), ".")); }

}  // namespace
}  // namespace headrace::hdf5
