// Pieces of finished work that outlive the process: what a command that is killed goes on from.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <headrace/io/file.hpp>

namespace headrace::tool {

/// One file of records that is only ever appended to. It begins with what the work is (an identity); each record is a
/// piece's key, its bytes and checksums of both. After a kill, or a loss of power, the whole records at the beginning
/// count and what follows them is cut off, so nothing needs to be synced and at most what was not yet written is done
/// again. Thread-safe but for the constructor and remove(). Every error is an IoError "[stage] ...".
class Journal {
 public:
  /// What an error of writing ends with.
  static constexpr auto kGoOn = "what is done is kept: the same command goes on with it";

  using Key = std::pair<std::int64_t, std::int64_t>;  // "array 3, chunk 17", say
  struct Piece {
    std::int64_t place = 0, size = 0;
    std::uint32_t mark = 0;  // the caller's
  };

  /// Goes on with PATH where it is of the same identity, else makes it. Where it is of another one, an error that says
  /// how to go on; so where another process is at it.
  Journal(std::string_view stage, std::string path, std::string identity);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Whether an earlier process did it: what was added since is not seen, so no lock is taken.
  bool found(const Key& key) const;
  bool empty() const { return entries_.empty(); }
  const std::string& path() const { return path_; }
  /// A piece that is done, or nothing. Not while pieces are being added.
  std::optional<Piece> find(const Key& key);
  /// The same; IoError where it is not done.
  Piece piece(const Key& key);
  /// A piece is done. A full disk leaves the journal as it was before: the same work can be gone on with.
  void add(const Key& key, std::uint32_t mark, std::span<const std::byte> bytes);
  std::vector<std::byte> read(const Piece& piece) const;
  /// All the work is done.
  void remove();

 private:
  struct Entry {
    Key key;
    Piece piece;
  };
  void recover();
  void sort();
  bool recover_record(std::int64_t file_size);
  void recover_bytes(void* to, std::size_t size, std::int64_t place) const;

  std::string stage_, path_, identity_;
  Descriptor file_;
  std::int64_t end_ = 0;
  std::vector<Entry> entries_;  // the first sorted_ by key
  std::size_t sorted_ = 0;
  std::vector<Key> found_keys_;  // sorted
  std::mutex mutex_;
};

}  // namespace headrace::tool
