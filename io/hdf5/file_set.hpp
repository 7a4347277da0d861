// Files that are one dataset: their rows follow each other.
#pragma once

#include <list>
#include <map>
#include <mutex>

#include <headrace/io/hdf5/file.hpp>

namespace headrace::hdf5 {

/// Opens files as they are needed and keeps few open. Thread-safe; a fork's child and an unpickled plan open their own.
class FileSet {
 public:
  FileSet(std::string stage, std::vector<std::string> paths, bool trusted)
      : stage_(std::move(stage)), paths_(std::move(paths)), trusted_(trusted) {}

  const std::string& stage() const { return stage_; }
  const std::vector<std::string>& paths() const { return paths_; }
  /// Open, and the same file as at the first opening: IoError where it was replaced, cut or written to meanwhile.
  std::shared_ptr<File> file(std::size_t i) const;
  std::shared_ptr<const Array> array(std::size_t i, const std::string& name) const;

 private:
  struct Opened {
    std::shared_ptr<File> file;
    std::map<std::string, std::shared_ptr<const Array>> arrays;
    std::list<std::size_t>::iterator used;
  };
  static constexpr std::size_t kMostOpen = 64;
  Opened& opened(std::size_t i) const;

  std::string stage_;
  std::vector<std::string> paths_;
  bool trusted_;
  mutable std::mutex mutex_;
  mutable std::map<std::size_t, Opened> opened_;
  mutable std::list<std::size_t> uses_;      // the last used one comes first
  mutable std::vector<std::string> stamps_;  // of all files, once opened
};

}  // namespace headrace::hdf5
