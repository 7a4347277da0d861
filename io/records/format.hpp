// What lies in files as records one after the other: how they are told apart, and what rows they are. The interface
// that a reader of such files implements; make_record_node does the rest.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <headrace/io/input_files.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace::records {

/// Some whole records of one file.
struct Block {
  const std::string* path = nullptr;
  std::int64_t offset = 0;  // of the first byte, in the file's contents, inflated if need be; 0: the file begins here
  std::int64_t line = 1;    // of it, where lines are counted
  Buffer buffer;            // keeps `bytes` alive: texts may be views of it
  std::string_view bytes;
  bool last = false;  // the contents end with it, where the format keeps a record back until they do
};

class Format {
 public:
  virtual ~Format();
  Format(const Format&) = delete;
  Format& operator=(const Format&) = delete;

  /// Of a row.
  virtual Spec spec() const = 0;
  /// Of rows, where it is known.
  virtual std::int64_t cardinality() const { return kUnknown; }
  /// What besides options and files decides on the rows (types that were found in a sample): for the fingerprint.
  virtual std::string identity() const { return {}; }
  /// Blocks tell their line.
  virtual bool counts_lines() const { return true; }
  /// Throws a ValueError about a file that begins with these bytes, its first 64 KiB at least or all of it: then all
  /// its records are given up.
  virtual void check_beginning(std::string_view stage, const std::string& path, std::string_view bytes) const;
  /// How many of `bytes`, not none, which begin where a record does, are whole records. What stands before the first
  /// one of a file, at offset 0, is of its block. 0 asks for more bytes, or, where the file ends with these (`last`),
  /// takes all of them.
  virtual std::size_t whole_records(std::string_view bytes, std::int64_t offset, bool last) const = 0;
  /// The rows of a block, in order, errors in their places. Thread-safe; what it throws is no element's error.
  virtual Rows parse(const Node& node, const Block& block) const = 0;

 protected:
  Format() = default;
};

/// A stream of the rows of all files, one after the other; blocks are read and inflated in order, and parsed on all
/// threads. A file that cannot be read, or not further, is one error in the place of its next row.
std::shared_ptr<Node> make_record_node(std::vector<InputFile> files, std::unique_ptr<const Format> format);

/// What is being handled as the error of the row at `line` of a block: the note names line and file.
FailurePtr capture_failure_at(const Node& node, const Block& block, std::int64_t line);

/// How many of `bytes` are '\n'.
std::int64_t count_lines(std::string_view bytes);

}  // namespace headrace::records
