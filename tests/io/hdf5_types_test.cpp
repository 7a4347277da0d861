// HDF5 types as dtypes, and attributes.
#include <gtest/gtest.h>

#include <headrace/tensor/error.hpp>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

TEST_F(Hdf5File, KnowsTypes) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const auto make = [&](const char* name, hid_t type) { dataset(keep, file, name, type, {3}); };
    const hid_t variable = keep(H5Tcopy(H5T_C_S1));
    H5Tset_size(variable, H5T_VARIABLE);
    const hid_t bits = keep(H5Tcopy(H5T_STD_U32LE));
    H5Tset_precision(bits, 20);
    make("20 bits", bits);
    const hid_t brain = keep(H5Tcopy(H5T_IEEE_F32LE));
    H5Tset_fields(brain, 15, 7, 8, 0, 7);
    H5Tset_size(brain, 2);
    H5Tset_ebias(brain, 127);
    make("brain", brain);
    make("reference", H5T_STD_REF_OBJ);
    make("sequence", keep(H5Tvlen_create(H5T_STD_I32BE)));
    make("sequence of texts", keep(H5Tvlen_create(variable)));
    make("sequence of sequences", keep(H5Tvlen_create(keep(H5Tvlen_create(H5T_STD_I32LE)))));
    make("80 bits", H5T_NATIVE_LDOUBLE);
    const hid_t large = keep(H5Tcopy(H5T_STD_I32LE));
    H5Tset_size(large, 1 << 20);
    make("large", large);
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
  const auto check = [&](const char* name, const char* dtype, const char* fixes, const char* converted) {
    const auto array = file->array(kStage, name);
    const ArrayInfo& info = array->info();
    EXPECT_EQ(info.dtype.name(), dtype) << name;
    std::string text;
    for (const Fix& fix : info.fixes)
      text +=
          std::to_string(fix.count) + " of " + std::to_string(fix.width) + " at " + std::to_string(fix.offset) + ";";
    EXPECT_EQ(text, fixes) << name;
    EXPECT_EQ(info.converted_because, converted) << name;
    EXPECT_EQ(info.slow_because, "") << name;
  };
  check("20 bits", "uint32", "", "integers of 20 bits");
  check("brain", "bfloat16", "", "");
  check("bool", "bool", "", "");
  check("enum", "int16", "1 of 2 at 0;", "");
  check("complex", "complex64", "2 of 4 at 0;", "");
  check("record", "record{a: int8 @0, b: int16(2, 3) @4, c: complex64 @16, 24 bytes}", "2 of 4 at 16;", "");
  check("array", "int16", "1 of 2 at 0;", "");
  check("time", "datetime64[ns]", "", "");
  check("sequence", "record{16 bytes}", "", "");
  EXPECT_EQ(file->array(kStage, "sequence")->info().sequences.value().dtype, int32);
  EXPECT_EQ(file->array(kStage, "array")->info().shape, Shape({3, 2, 3}));
  EXPECT_EQ(file->array(kStage, "array")->info().rank, 1);
  for (const auto& [name, why] : {std::pair{"reference", "references"},
                                  {"sequence of texts", "variable-length sequences of text of variable length"},
                                  {"sequence of sequences", "variable-length sequences of sequences"},
                                  {"large", "numbers of 1048576 bytes"},
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

}  // namespace
}  // namespace headrace::hdf5
