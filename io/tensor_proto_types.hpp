// Private to make_tensor_proto.cpp and make_ndarray.cpp: the fields of a TensorProto, and where each dtype has its
// values.
#pragma once

#include <bit>
#include <cstdint>

#include <headrace/tensor/dtype.hpp>

namespace headrace::tensor_proto {

static_assert(std::endian::native == std::endian::little, "tensor_content is the memory of a little-endian machine");

// clang-format off
enum ProtoField : std::uint32_t {
  kDtype = 1, kShape = 2, kVersion = 3, kContent = 4,
  kFloatVal = 5, kDoubleVal = 6, kIntVal = 7, kStringVal = 8, kScomplexVal = 9, kInt64Val = 10, kBoolVal = 11,
  kDcomplexVal = 12, kHalfVal = 13, kUint32Val = 16, kUint64Val = 17,
};
// clang-format on
/// Of a TensorShapeProto, and of its Dim.
enum ShapeField : std::uint32_t { kDim = 2, kUnknownRank = 3 };
enum DimField : std::uint32_t { kSize = 1 };

struct Type {
  DType dtype;
  std::int32_t number;  // TensorFlow's DataType
  ProtoField list;
  bool in_content;  // where TensorFlow writes more than one value
};

inline constexpr Type kTypes[] = {
    {float32, 1, kFloatVal, true},
    {float64, 2, kDoubleVal, true},
    {int32, 3, kIntVal, true},
    {uint8, 4, kIntVal, true},
    {int16, 5, kIntVal, true},
    {int8, 6, kIntVal, true},
    {bytes, 7, kStringVal, false},
    {complex64, 8, kScomplexVal, false},
    {int64, 9, kInt64Val, true},
    {boolean, 10, kBoolVal, false},
    {bfloat16, 14, kHalfVal, true},
    {uint16, 17, kIntVal, false},
    {complex128, 18, kDcomplexVal, false},
    {float16, 19, kHalfVal, true},
    {uint32, 22, kUint32Val, true},
    {uint64, 23, kUint64Val, true},
};

inline const char* list_name(std::uint32_t field) {
  switch (field) {
    case kFloatVal:
      return "float_val";
    case kDoubleVal:
      return "double_val";
    case kIntVal:
      return "int_val";
    case kStringVal:
      return "string_val";
    case kScomplexVal:
      return "scomplex_val";
    case kInt64Val:
      return "int64_val";
    case kBoolVal:
      return "bool_val";
    case kDcomplexVal:
      return "dcomplex_val";
    case kHalfVal:
      return "half_val";
    case kUint32Val:
      return "uint32_val";
    case kUint64Val:
      return "uint64_val";
    default:
      return nullptr;
  }
}

}  // namespace headrace::tensor_proto
