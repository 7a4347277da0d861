// A dataset of sequences in every file, as rows by position.
#pragma once

#include <headrace/io/hdf5/column.hpp>

namespace headrace::hdf5 {

/// A row is a sequence: (length, axes...). What refers to them is read as the rows of any array; the sequences
/// themselves are read from the file when they are wanted, and not kept.
class RaggedColumn final : public Component {
 public:
  /// As Column; TypeError for a dataset of more than one axis.
  RaggedColumn(std::shared_ptr<const FileSet> files, std::string name, bool mmap);

  std::int64_t row_bytes() const override { return row_bytes_; }
  std::string path() const override;
  std::int64_t block_rows() const override { return references_.block_rows(); }
  /// Rows differ: nobody calls it.
  void gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                   const Positions& to) const override;
  std::vector<Tensor> list(const Reading& reading, const Positions& positions) const override;

 private:
  std::shared_ptr<const FileSet> files_;
  Column references_;
  std::int64_t row_bytes_ = 0;
  bool slow_ = false;  // libhdf5 reads them
};

}  // namespace headrace::hdf5
