// What the head of a .npy file says, whoever wrote it (numpy.lib.format, versions 1.0, 2.0 and 3.0).
#pragma once

#include <string_view>
#include <vector>

#include <headrace/io/hdf5/items.hpp>
#include <headrace/tensor/dtype.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/shape.hpp>

namespace headrace {

struct NpyHead {
  DType dtype;
  bool fortran_order = false;  // the first axis is the one whose items lie side by side
  Shape shape;
  std::int64_t offset = 0;       // of the array's bytes, in the file
  std::int64_t bytes = 0;        // and their number
  std::vector<hdf5::Fix> fixes;  // what makes the stored items such of `dtype`

  /// Some byte order is not this machine's.
  bool reversed() const;
};

/// Longer ones are refused: a head of numbers has about 100 bytes, and NumPy itself reads no more than 10,000.
inline constexpr std::int64_t kNpyHeadMost = 1 << 16;

/// How many bytes the head has, by its first 12 (or as many as there are). `where` names the array in errors:
/// "'a.npy'". IoError for what is no .npy file, or one of another version or with a longer head.
std::int64_t npy_head_size(std::string_view stage, const std::string& where, std::string_view front);
/// Of a whole head. IoError where it is damaged, TypeError for a dtype that there is none for: Python objects above
/// all, which are never unpickled. No memory is taken by what it says.
NpyHead parse_npy_head(std::string_view stage, const std::string& where, std::string_view head);
/// The bytes of a whole head. `read(size)` gives the first bytes of the contents, `size` of them unless they end; one
/// call mostly.
template <class Read>
std::string read_npy_head(std::string_view stage, const std::string& where, const Read& read) {
  constexpr std::int64_t kFront = 512;  // most heads have 128 bytes
  std::string front = read(kFront);
  const std::int64_t wanted = npy_head_size(stage, where, front);
  if (wanted > kFront) front = read(wanted);
  require<IoError>(wanted <= static_cast<std::int64_t>(front.size()), stage, "cannot read ", where,
                   ": it ends in its head; the file is damaged");
  front.resize(static_cast<std::size_t>(wanted));
  return front;
}

}  // namespace headrace
