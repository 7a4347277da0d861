// A file that appears under its name whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headrace {

/// A new file PATH.part, empty but known to find some room, which nobody else writes at the same time: two writers of
/// one PATH would spoil each other's. It goes with this object, unless finish() gave it its name before. Every error is
/// an IoError.
class PartFile {
 public:
  PartFile(std::string_view stage, const std::string& path);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::string& path() const { return part_; }
  /// Finds room for `bytes` more before they are written: libhdf5 cannot close what it could not write. Some systems
  /// cannot say; there a full disk is met by who writes.
  void reserve(std::int64_t bytes);
  /// On the disk, and under its name. A link at PATH is followed.
  void finish();

 private:
  bool open();

  std::string stage_, path_, part_;
  int descriptor_ = -1;
  std::int64_t needed_ = 0, reserved_ = 0;
  bool finished_ = false;
};

}  // namespace headrace
