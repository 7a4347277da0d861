// Private to this folder: what an HDF5 type is as a dtype. Needs the Library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <headrace/io/hdf5/items.hpp>
#include <headrace/io/hdf5/library.hpp>
#include <headrace/tensor/dtype.hpp>
#include <headrace/tensor/shape.hpp>

namespace headrace::hdf5 {

/// A type as it is stored and as it is delivered.
struct Type {
  DType dtype;      // none where it has no counterpart; then `why`
  std::string why;  // "references"
  Shape axes;       // of an array type
  Id memory;        // for H5Dread: one element, its axes included, as a tensor holds it (variable length: char*)
  Id stored;        // `slow` only: what H5Tconvert makes into `memory`
  std::int64_t stored_bytes = 0;      // of one element; of variable length: only the file says
  std::vector<Fix> fixes;             // of an item: stored bytes are a tensor's after them
  std::string slow;                   // why only libhdf5 can convert it
  std::unique_ptr<Type> sequence_of;  // its elements are sequences of that; dtype is a reference's to one
};

/// What `type` is. Whatever a file claims, this throws IoError at worst: a type that no dtype stands for has a `why`.
Type describe(const Action& action, hid_t type);
/// Whether its bytes refer to others in the file: values of variable length, references.
bool holds_pointers(const Action& action, hid_t type);

namespace detail {  // parts of describe(), by the class of the type

Type no_dtype(std::string why);
Type number_type(const Action& action, hid_t type, H5T_class_t kind);  // integers, floats, bit fields
Type enum_type(const Action& action, hid_t type);
Type text_type(const Action& action, hid_t type);
Type opaque_type(const Action& action, hid_t type);
Type compound_type(const Action& action, hid_t type, int depth);
Type describe(const Action& action, hid_t type, int depth);

}  // namespace detail
}  // namespace headrace::hdf5
