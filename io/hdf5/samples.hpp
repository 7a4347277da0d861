// Groups of which each is an element: its datasets are the components, as a whole.
#pragma once

#include <headrace/io/hdf5/component.hpp>
#include <headrace/io/hdf5/file_set.hpp>

namespace headrace::hdf5 {

/// "sample_2" before "sample_10": numbers by their value, all else by bytes.
bool natural_less(std::string_view a, std::string_view b);

/// The groups of several files that match a pattern, file after file, in natural order. Immutable.
class Samples {
 public:
  /// "/samples/*", with * ? [...] in its last part only. IoError where nothing matches.
  Samples(std::shared_ptr<const FileSet> files, const std::string& pattern);

  const FileSet& files() const { return *files_; }
  const std::string& pattern() const { return pattern_; }
  /// Where each file's groups begin, and their number.
  const std::vector<std::int64_t>& starts() const { return starts_; }
  struct Sample {
    std::size_t file;
    const std::string& group;
  };
  Sample operator[](std::int64_t position) const;
  /// Dataset `name` of the group at `position`, opened anew.
  std::shared_ptr<const Array> array(std::int64_t position, const std::string& name) const;
  /// What the datasets `names` of all groups are: sizes in which they differ are unknown. ValueError where dtypes or
  /// ranks differ, IoError where a group lacks one.
  std::vector<TensorSpec> specs(std::span<const std::string> names) const;

 private:
  std::shared_ptr<const FileSet> files_;
  std::string pattern_;
  std::vector<std::vector<std::string>> groups_;  // by file
  std::vector<std::int64_t> starts_{0};
};

/// One dataset of each.
class SampleComponent final : public Component {
 public:
  SampleComponent(std::shared_ptr<const Samples> samples, std::string name, TensorSpec row, bool mmap);

  std::string path() const override { return path_; }
  std::string where(std::int64_t position) const override;
  void gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                   const Positions& to) const override;
  std::vector<Tensor> list(const Reading& reading, const Positions& positions) const override;

 private:
  std::shared_ptr<const Array> array(const Reading& reading, std::int64_t position) const;

  std::shared_ptr<const Samples> samples_;
  std::string dataset_, path_;
  bool mmap_;
};

}  // namespace headrace::hdf5
