// One array of every file of a set, as rows by position.
#pragma once

#include <atomic>

#include <headrace/io/hdf5/block_cache.hpp>
#include <headrace/io/hdf5/component.hpp>
#include <headrace/io/hdf5/file_set.hpp>
#include <headrace/io/hdf5/row_blocks.hpp>

namespace headrace::hdf5 {

/// "in chunks of 1,024 rows: gzip 4, shuffle"
std::string how_read(const ArrayInfo& info, bool mapped);

/// The rows of an array in every file: of one shape and dtype.
class Column final : public Component {
 public:
  /// Looks into every file; ValueError where the array differs in dtype or row shape from the first file's. With `mmap`
  /// what lies in the files as it is, is mapped.
  Column(std::shared_ptr<const FileSet> files, std::string name, bool mmap);
  ~Column() override;

  std::string path() const override;
  std::string where(std::int64_t position) const override;
  std::int64_t block_rows() const override;
  bool gives_views() const override { return mapped_.size() == 1; }

  /// A read-only view where the rows follow each other in one block.
  Tensor gather(const Reading& reading, const Positions& positions) const override;
  void gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                   const Positions& to) const override;

 private:
  struct Place {
    std::size_t file;
    std::int64_t block, row;  // of the block
    std::int64_t left;        // rows from here to the block's end
  };
  Place place(std::int64_t position) const;
  Place place_in_file(std::int64_t position) const;  // the file as one block
  Block block(const Reading& reading, std::size_t file, std::int64_t number, bool in_order) const;
  Tensor read_once(const Reading& reading, std::size_t file, std::int64_t number) const;
  struct Wanted;
  struct BlockRows;
  std::vector<BlockRows> rows_by_block(const Positions& positions, const Positions& to,
                                       std::vector<Wanted>& rows) const;
  std::vector<BlockRows> copy_kept(const std::vector<BlockRows>& blocks, std::span<const Wanted> rows,
                                   const Tensor& column) const;
  void gather_strewn(const Reading& reading, const Positions& positions, const Tensor& column,
                     const Positions& to) const;
  bool first_time(std::size_t file, std::int64_t number) const;
  Tensor texts(const Reading& reading, const Positions& positions) const;
  void gather_as_it_lies(const Positions& positions, const Tensor& column, const Positions& to) const;
  void gather_range(const Reading& reading, const Positions& positions, const Tensor& column,
                    const Positions& to) const;
  std::int64_t decode_in_place(const Reading& reading, const Place& here, const Tensor& rows) const;

  std::shared_ptr<const FileSet> files_;
  ArrayInfo info_;                               // of the first file
  std::vector<BlockPlan> plans_;                 // a file each
  std::vector<std::int64_t> caches_;             // and its number in the BlockCache
  std::vector<std::int64_t> first_;              // and the number of its first block among all
  mutable std::vector<std::atomic<bool>> seen_;  // a block each, or several where there are many: wanted as a whole
  bool as_it_lies_ = true;                       // all files' bytes can be read where they lie
  bool one_chunk_ = true;                        // of all files a block is one chunk
  std::vector<Tensor> mapped_;                   // a file each; empty: not mapped
};

}  // namespace headrace::hdf5
