// Files and folders as the stages of this room write and read them: whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <headrace/tensor/buffer.hpp>

namespace headrace {

/// Throws IoError "[stage] cannot WHAT 'PATH': errno's text; way out".
[[noreturn]] void throw_io(std::string_view stage, std::string_view what, const std::string& path,
                           std::string_view way_out = "");

/// Closes a descriptor at the end of a scope; one below zero is none.
struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

/// Writes all of it at `place`, however often the system takes only a part; false with errno set where it refuses.
bool write_fully(int descriptor, const void* data, std::size_t size, std::int64_t place);
/// The same for reading; a file that ends before is EIO.
bool read_fully(int descriptor, void* data, std::size_t size, std::int64_t place);
/// Makes a file `size` bytes long, or brings it to the disk, however often a signal interrupts; false with errno set
/// where the system refuses.
bool resize_file(int descriptor, std::int64_t size);
bool sync_file(int descriptor);

/// A new file, written at any place; neighbouring writes are gathered. One thread at a time. Every error is an IoError
/// that names the file; what was refused may be written again.
class OutputFile {
 public:
  OutputFile(std::string_view stage, std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write_at(std::int64_t place, const void* data, std::size_t size);
  /// What was written before.
  void read_at(std::int64_t place, void* data, std::size_t size);
  /// Makes the file `size` bytes long and brings it to the disk; nothing can be written afterwards.
  void close(std::int64_t size);

 private:
  void flush();
  void check_open() const;

  std::string stage_, path_;
  int descriptor_ = -1;
  std::vector<std::byte> pending_;  // to be written at pending_place_
  std::int64_t pending_place_ = 0;
};

/// A folder held open, so that its files are those of one folder even if another one takes its place meanwhile.
class OpenFolder {
 public:
  OpenFolder(std::string_view stage, std::string path);
  ~OpenFolder();
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Another folder, or none, stands at the path now.
  bool was_replaced() const;
  /// A file's bytes, read-only, as long as the Buffer lives: mapped, not read. Its size is the file's. It must not
  /// shrink meanwhile.
  Buffer map(const std::string& name) const;

 private:
  std::string stage_, path_;
  int descriptor_;
};

/// "/data" of "/data/train", "." of "train"; a slash at the end does not count.
std::string parent_of(const std::string& path);
/// Brings new and changed names in a folder to the disk, where the system can.
void sync_folder(const std::string& path);

}  // namespace headrace
