// Private to this folder: what a dataset or an attribute holds, and its values as a tensor. Needs the Library.
#pragma once

#include <functional>

#include <headrace/io/hdf5/types.hpp>
#include <headrace/tensor/compound.hpp>

namespace headrace::hdf5 {

/// What a space full of a type is.
struct Stored {
  Shape shape;                  // with the axes of an array type
  int rank = 0;                 // without them
  Type type;                    // no dtype: type.why
  std::int64_t item_bytes = 0;  // as stored
};
Stored stored_values(const Action& action, hid_t space, hid_t type);
/// The same of elements taken for bytes as they are stored, which any type has: records without fields.
Stored stored_elements(const Action& action, hid_t space, hid_t type);

/// A tensor of `shape`, filled by `read`, which is given room for values of `type.memory`. Texts are copied into a heap
/// of the tensor's; libhdf5's memory is given back. `count`: elements of the space, a Tensor has their axes, too.
Tensor read_values(const Action& action, const Type& type, const Shape& shape, std::int64_t count,
                   const std::function<herr_t(void* room)>& read);

/// The same for sequences.
RaggedTensor read_sequence_values(const Action& action, const Type& type, std::int64_t count,
                                  const std::function<herr_t(void* room)>& read);

/// `count` stored elements of a type that is `slow` as a tensor of `shape`. Takes the Library itself.
Tensor converted(const Action& action, const Type& type, const std::byte* stored, std::int64_t count,
                 const Shape& shape);

}  // namespace headrace::hdf5
