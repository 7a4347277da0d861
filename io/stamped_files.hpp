// Files that must stay as they are while they are read.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <headrace/io/file.hpp>

namespace headrace {

/// Opens files as they are needed and keeps at most 64 open. Thread-safe; a child of fork() may go on with it.
class StampedFiles {
 public:
  /// Looks at every file: IoError for what is not there or no plain file.
  StampedFiles(std::string stage, std::vector<std::string> paths);
  ~StampedFiles();
  StampedFiles(const StampedFiles&) = delete;
  StampedFiles& operator=(const StampedFiles&) = delete;

  const std::string& stage() const { return stage_; }
  const std::vector<std::string>& paths() const { return paths_; }
  std::int64_t size(std::size_t file) const { return stamps_[file].size; }

  /// One that is held open, at most as long as the set lives.
  class Opened {
   public:
    /// All bytes at `place`, or an IoError "[stage] cannot read WHAT: ...", also where the file has been cut, written
    /// to or replaced since it was looked at. `what` makes the text for it.
    template <class What>
    void read(const What& what, std::int64_t place, std::byte* to, std::int64_t size) const {
      if (!read_some(place, to, size)) fail(what(), place, size);
      require_unchanged(what);
    }
    /// The same in parts: bytes must not be used before require_unchanged(). False where the system refuses.
    bool read_some(std::int64_t place, std::byte* to, std::int64_t size) const {
      return read_fully(descriptor_.number, to, static_cast<std::size_t>(size), place);
    }
    template <class What>
    void require_unchanged(const What& what) const {
      if (stamp_of(descriptor_.number) != files_.stamps_[file_]) fail_changed(what());
    }
    /// What read_some() left in errno.
    [[noreturn, gnu::cold]] void fail(const std::string& what, std::int64_t place, std::int64_t size) const;

   private:
    friend class StampedFiles;
    Opened(const StampedFiles& files, std::size_t file);
    [[noreturn, gnu::cold]] void fail_changed(const std::string& what) const;
    const StampedFiles& files_;
    std::size_t file_;
    Descriptor descriptor_;
  };
  std::shared_ptr<const Opened> open(std::size_t file) const;
  /// All of its bytes, mapped; it must not shrink meanwhile.
  Buffer map(std::size_t file) const;

 private:
  struct Stamp {
    std::int64_t device = 0, inode = 0, size = 0, seconds = 0, nanoseconds = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static constexpr std::size_t kMostOpen = 64;
  static Stamp stamp_of(int descriptor);

  std::string stage_;
  std::vector<std::string> paths_, locations_;  // as given, and from the root, wherever the process goes meanwhile
  std::vector<Stamp> stamps_;
  mutable std::mutex mutex_;
  mutable std::list<std::pair<std::size_t, std::shared_ptr<const Opened>>> opened_;  // the last used one comes first
};

}  // namespace headrace
