// Files cut into blocks of whole records.
#pragma once

#include <optional>

#include <headrace/io/byte_stream.hpp>
#include <headrace/io/records/format.hpp>

namespace headrace::records {

/// Where a block begins.
struct Place {
  std::int64_t file = 0, offset = 0, line = 1;
};

/// Blocks in order. The cuts follow from where a block begins and from nothing else. One thread at a time.
class BlockReader {
 public:
  BlockReader(const Node& node, const std::vector<InputFile>& files, const Format& format)
      : node_(node), files_(files), format_(format) {}

  /// Of the block that comes next.
  const Place& place() const { return place_; }
  void go_to(const Place& place);
  /// The next block, or nothing at the end of the last file. An IoError or ValueError is about one file: the next one
  /// comes next. After any other exception the same block does.
  std::optional<Block> next();

 private:
  std::optional<Block> next_in_file();
  void open();
  /// Makes room_ hold `wanted` bytes from place_ on, or all that are left.
  void fill(std::size_t wanted);
  Block cut(std::size_t size);
  void leave_file();

  const Node& node_;
  const std::vector<InputFile>& files_;
  const Format& format_;
  Place place_;
  std::unique_ptr<ByteStream> stream_;
  Buffer room_;  // its first filled_ bytes lie at place_
  std::size_t filled_ = 0;
  bool at_end_ = false;  // of the file, by what room_ holds
};

}  // namespace headrace::records
