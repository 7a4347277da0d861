// Private to this folder: values of variable length, where a file keeps them. Does not need the Library.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <headrace/io/hdf5/open_file.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace::hdf5 {

/// What stands in a dataset for a value of variable length.
struct Reference {
  std::uint32_t length = 0;  // in items
  std::uint64_t address = 0;
  std::uint32_t index = 0;  // of the object in the collection at that address
  bool is_fill = false;     // nothing was ever written
};

/// How a file writes references: with its size of addresses.
struct ReferenceForm {
  std::int64_t offset_bytes = 8;
  std::int64_t bytes() const { return 8 + offset_bytes; }
  Reference read(const std::byte* stored) const;
  /// The one that says that nothing was ever written.
  std::vector<std::byte> fill() const {
    return std::vector<std::byte>(static_cast<std::size_t>(bytes()), std::byte{0xFF});
  }
};

/// A file's global heap: collections of objects, each known by its collection's address and its index there.
/// Thread-safe; what is wrong in it is the IoError of an Action.
class GlobalHeap {
 public:
  /// Needs the Library.
  GlobalHeap(const Action& action, const OpenFile& file);

  const ReferenceForm& form() const { return form_; }

  class Collection;
  using CollectionPtr = std::shared_ptr<const Collection>;
  /// One reader's way through the heap: neighbours mostly lie in one collection.
  class Reader {
   public:
    Reader(const Action& action, const GlobalHeap& heap) : action_(action), heap_(heap) {}
    /// The bytes of `reference`'s items of `item_bytes` each; none where it refers to nothing. Valid until the next
    /// call.
    std::span<const std::byte> object(const Reference& reference, std::int64_t item_bytes);

   private:
    const Action& action_;
    const GlobalHeap& heap_;
    CollectionPtr last_;
  };

  /// The texts that C-order `references` refer to, each up to its first zero; `fill` where nothing was ever written.
  Tensor texts(const Action& action, const Tensor& references, DType dtype, std::string_view fill) const;
  /// Where each of the sequences would begin in join(), in items of `item_bytes`, and where the last one ends.
  Tensor splits(const Action& action, const Tensor& references, std::int64_t item_bytes) const;
  /// The bytes of all of them, one after the other, into as much room as splits() says.
  void join(const Action& action, const Tensor& references, std::int64_t item_bytes, std::byte* to) const;

 private:
  void require_possible(const Action& action, std::uint64_t bytes) const;
  CollectionPtr collection(const Action& action, std::uint64_t address) const;
  CollectionPtr read(const Action& action, std::uint64_t address) const;
  void keep(const CollectionPtr& collection) const;

  const OpenFile& file_;
  ReferenceForm form_;
  std::int64_t length_bytes_ = 8;  // of a size in a collection
  std::uint64_t user_block_ = 0;   // addresses count from its end
  mutable std::mutex mutex_;
  mutable std::list<CollectionPtr> recent_;                                             // the last used one comes first
  mutable std::unordered_map<std::uint64_t, std::list<CollectionPtr>::iterator> kept_;  // the same by their addresses
  mutable std::int64_t kept_bytes_ = 0;
};

}  // namespace headrace::hdf5
