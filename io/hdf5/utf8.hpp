// Text as UTF-8 in a file and as NumPy's fixed-width characters (U) in memory.
#pragma once

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/utf8.hpp>

namespace headrace::hdf5 {

/// The attribute of an array that says its dtype where HDF5 has none for it: "U5" is stored as UTF-8 of 4 bytes a
/// character, "bytes" as text.
inline constexpr const char* kDTypeAttribute = "headrace_dtype";

/// The dtype that stands for U in a file.
DType utf8_of(DType characters);
/// U as S of 4 bytes a character. ValueError for what is no Unicode.
Tensor encode_characters(std::string_view stage, const Tensor& characters);
/// U, or any other text, as text of variable length: for attributes.
Tensor as_texts(std::string_view stage, const Tensor& characters);

/// The dtype that the array's attribute says, where its bytes can be that; else none.
DType kept_dtype(std::string_view stage, const File& file, const ArrayInfo& info);
/// A tensor that was read, in that dtype. IoError where bytes are not UTF-8.
Tensor in_dtype(std::string_view stage, const std::string& name, const Tensor& stored, DType dtype);
/// Texts of which one is not UTF-8 as bytes; others as they are.
Tensor honest_texts(const Tensor& tensor);

}  // namespace headrace::hdf5
