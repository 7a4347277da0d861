// Elements that have been seen, as keys.
#pragma once

#include <mutex>
#include <unordered_map>

#include <headrace/pipeline/mark.hpp>
#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// Bytes that only ever grow, and never move. One thread writes; any may read what was there when it was told of it.
class ByteLog {
 public:
  /// Where `record` lies from now on. Changes nothing where it throws.
  const std::byte* append(std::string_view record);
  std::int64_t size() const { return size_; }
  std::string first(std::int64_t bytes) const;

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::int64_t begin, capacity;
  };
  mutable std::mutex mutex_;  // for chunks_
  std::vector<Chunk> chunks_;
  std::int64_t size_ = 0;
};

/// A set of elements: equal ones have one structure (dicts in any order), dtypes, shapes and bytes; texts by value.
/// Kept are an element's bytes, up to 32 of them, or its BLAKE2b digest of 256 bits, which stands for them: no two
/// different inputs with the same one are known.
class KeySet {
 public:
  /// Whether row i of `rows` is new; then it is kept. `like_last`: it is of a stacked block, as the row added last.
  /// TypeError for elements that hold datasets. An exception changes nothing.
  bool add(const RowView& rows, std::int64_t i, bool like_last = false);
  std::int64_t nbytes() const { return log_->size() + static_cast<std::int64_t>(slots_.size() * sizeof(Slot)); }

  /// What is kept, in order: where one stands in it, as data of a mark, and back.
  std::int64_t position() const { return log_->size(); }
  MarkDataPtr up_to(std::int64_t position) const;
  void restore(const std::string& data);

 private:
  struct Slot {
    std::uint64_t hash = 0;
    const std::byte* record = nullptr;
  };
  /// Elements of one structure, with the same dtypes and shapes.
  struct Form {
    std::int64_t number = -1;
    StructurePtr structure;
    std::vector<DType> dtypes;
    std::vector<Shape> shapes;
    std::vector<int> order;          // of the leaves: dicts by key
    std::vector<std::size_t> sizes;  // bytes of each component, where they make the key as they lie in memory
  };
  void find_form(const RowView& rows, std::int64_t i);
  bool fits(const RowView& rows, std::int64_t i) const;
  std::size_t copy_row(const RowView& rows, std::int64_t i, char* key) const;
  std::int64_t number_of(const std::string& text);
  bool insert(std::int64_t form, std::string_view key);
  void grow();

  std::shared_ptr<ByteLog> log_ = std::make_shared<ByteLog>();
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
  std::unordered_map<std::string, std::int64_t> forms_;
  Form form_;  // of the element last seen
};

}  // namespace headrace
