// A file's contents in order, inflated where they are gzip.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <headrace/io/input_files.hpp>

namespace headrace {

/// The file is open as long as this lives; one thread at a time. Every error is an IoError that names the file. After
/// one of them nothing more can be read.
class ByteStream {
 public:
  /// Throws where it cannot be opened, or is not as large as it was.
  ByteStream(std::string_view stage, const InputFile& file);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// The next bytes, `room` of them unless the contents end. Throws where the file was cut short, or, of gzip, is
  /// damaged, ends too early, or goes on with something else.
  std::size_t read(char* to, std::size_t room);
  /// Of the next byte in the contents.
  std::int64_t position() const { return position_; }
  /// Goes on to `position`, not before the one here; inflates what lies between. Stops at the end.
  void skip_to(std::int64_t position);
  bool compressed() const { return inflater_ != nullptr; }

 private:
  class Inflater;
  std::string stage_;
  InputFile file_;
  int descriptor_;
  std::int64_t position_ = 0;
  std::unique_ptr<Inflater> inflater_;
};

/// Whether the contents of a file begin as gzip does. Throws IoError where it cannot be read.
bool is_gzip(std::string_view stage, const std::string& path);

}  // namespace headrace
