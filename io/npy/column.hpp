// Arrays as .npy files and .npz members hold them, one after the other: rows by position.
#pragma once

#include <atomic>
#include <optional>

#include <headrace/io/hdf5/component.hpp>
#include <headrace/io/npy/head.hpp>
#include <headrace/io/npy/zip_directory.hpp>

namespace headrace {

/// One array in one file.
struct NpyPart {
  std::size_t file = 0;
  std::string where;  // "'a.npy'", "'x' in 'a.npz'": for errors
  NpyHead head;
  std::int64_t offset = 0;          // of the array's bytes, in the file, or in the contents of what is compressed
  std::optional<ZipMember> member;  // of a .npz file

  NpyPart();
  ~NpyPart();
  NpyPart(NpyPart&&) noexcept;
};

/// Looks at the head of a .npy file. The array must end where the file does: IoError.
NpyPart npy_part(const StampedFiles& files, std::size_t file);
/// Looks at the head of a member, which is inflated so far.
NpyPart npz_part(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& name);

/// What the members that a dataset has inflated take, all columns together.
using InflatedBytes = std::atomic<std::int64_t>;

/// The rows of all parts. C order is read where it lies; Fortran order in blocks of rows, which are kept in the one
/// cache of hdf5/; what is compressed is inflated as a whole at its first use, and kept. With `mmap` what lies in the
/// files as it is, is mapped: rows are views.
class NpyColumn final : public hdf5::Component {
 public:
  /// ValueError where a part is a scalar, or its rows are not as the first's.
  NpyColumn(std::shared_ptr<const StampedFiles> files, std::string name, std::vector<NpyPart> parts, bool mmap,
            std::shared_ptr<InflatedBytes> inflated);
  ~NpyColumn() override;

  std::string path() const override;
  std::string where(std::int64_t position) const override;
  std::int64_t block_rows() const override { return block_rows_; }
  bool gives_views() const override { return mapped_ && parts_.size() == 1; }
  Tensor gather(const hdf5::Reading& reading, const Positions& positions) const override;
  void gather_into(const hdf5::Reading& reading, const Positions& positions, const Tensor& column,
                   const Positions& to) const override;

 private:
  struct State;
  bool is_inflated(std::size_t part) const;
  bool in_memory(std::size_t part) const { return mapped_ || is_inflated(part); }
  static Strides fortran_strides(const Shape& shape, std::int64_t itemsize);
  Tensor view_of(std::size_t part, const Buffer& bytes, std::int64_t offset) const;
  Tensor whole(const hdf5::Reading& reading, std::size_t part) const;
  Tensor inflate(const hdf5::Reading& reading, std::size_t part) const;
  void check(const hdf5::Reading& reading, std::size_t part) const;
  Tensor read_block(std::size_t part, std::int64_t number) const;
  Tensor block(const hdf5::Reading& reading, std::size_t part, std::int64_t number) const;
  std::string row_text(std::size_t part, std::int64_t row) const;

  void copy_part(const hdf5::Reading& reading, std::size_t part, const Positions& rows, const Tensor& column,
                 const Positions& to) const;
  void read_range(std::size_t part, const Positions& rows, const Tensor& column, const Positions& to) const;
  void read_strewn(std::size_t part, const Positions& rows, const Tensor& column, const Positions& to) const;
  void copy_blocks(const hdf5::Reading& reading, std::size_t part, const Positions& rows, const Tensor& column,
                   const Positions& to) const;

  std::shared_ptr<const StampedFiles> files_;
  std::vector<NpyPart> parts_;
  std::vector<std::unique_ptr<State>> states_;
  std::vector<std::int64_t> caches_;  // where there are blocks: a number in the BlockCache each
  std::shared_ptr<InflatedBytes> inflated_;
  std::int64_t block_rows_ = 0;  // 0: in C order
  bool mapped_ = false;
};

}  // namespace headrace
