// Chapter III.E of the HDF5 File Format Specification: the global heap.
#include <headrace/io/hdf5/global_heap.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <headrace/io/file.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::int64_t kKept = 8 << 20;   // bytes of collections
constexpr std::int64_t kSmall = 1 << 16;  // libhdf5 lets collections of several objects grow so far
constexpr std::int64_t kFirst = 1 << 12;  // that is read at once: most are no larger
constexpr std::string_view kSignature = "GCOL";

std::uint64_t number(const std::byte* from, std::int64_t bytes) {  // little-endian, as all of HDF5
  std::uint64_t value = 0;
  std::memcpy(&value, from, static_cast<std::size_t>(bytes));
  return value;
}

constexpr std::int64_t aligned(std::int64_t size) { return (size + 7) / 8 * 8; }

}  // namespace

Reference ReferenceForm::read(const std::byte* stored) const {
  Reference reference{static_cast<std::uint32_t>(number(stored, 4)), number(stored + 4, offset_bytes),
                      static_cast<std::uint32_t>(number(stored + 4 + offset_bytes, 4))};
  reference.is_fill = std::all_of(stored, stored + bytes(), [](std::byte byte) { return byte == std::byte{0xFF}; });
  if (reference.address == 0 || reference.is_fill) reference.length = 0;
  return reference;
}

/// Immutable.
class GlobalHeap::Collection {
 public:
  Collection(std::uint64_t place, std::vector<std::byte> stored, std::int64_t length_bytes)
      : address(place), bytes(std::move(stored)) {
    const auto size = static_cast<std::int64_t>(bytes.size());
    const std::int64_t head = aligned(8 + length_bytes);
    for (std::int64_t begin = head; size - begin >= head;) {  // an object's head is as large as the collection's
      const auto index = static_cast<std::size_t>(number(&bytes[static_cast<std::size_t>(begin)], 2));
      const std::uint64_t stated = number(&bytes[static_cast<std::size_t>(begin + 8)], length_bytes);
      const std::int64_t room = size - begin - head;
      if (index == 0) break;  // free space, up to the end
      if (stated > static_cast<std::uint64_t>(room)) {
        damaged = true;
        break;
      }
      if (objects.size() <= index) objects.resize(index + 1);
      objects[index] = {begin + head, static_cast<std::int64_t>(stated)};
      begin += head + std::min(aligned(static_cast<std::int64_t>(stated)), room);
    }
  }

  struct Object {
    std::int64_t begin = 0;  // 0: there is none
    std::int64_t size = 0;
  };

  const std::uint64_t address;
  const std::vector<std::byte> bytes;
  std::vector<Object> objects;  // by index
  bool damaged = false;         // an object reaches beyond; those before it can be read
};

GlobalHeap::GlobalHeap(const Action& action, const OpenFile& file) : file_(file) {
  const Id creation = owned(action, H5Fget_create_plist(file.id(action)));
  std::size_t offset_bytes = 0, length_bytes = 0;
  hsize_t user_block = 0;
  checked(action, H5Pget_sizes(creation.get(), &offset_bytes, &length_bytes));
  checked(action, H5Pget_userblock(creation.get(), &user_block));
  const auto possible = [](std::size_t bytes) { return bytes == 2 || bytes == 4 || bytes == 8; };
  if (!possible(offset_bytes) || !possible(length_bytes)) fail(action, "its addresses or sizes are wider than 64 bits");
  form_.offset_bytes = static_cast<std::int64_t>(offset_bytes);
  length_bytes_ = static_cast<std::int64_t>(length_bytes);
  user_block_ = user_block;
}

/// No two values share their bytes: where they claim more than there is nothing is taken for them.
void GlobalHeap::require_possible(const Action& action, std::uint64_t bytes) const {
  if (bytes > static_cast<std::uint64_t>(file_.size()))
    fail(action, "values of variable length claim " + std::to_string(bytes) +
                     " bytes, more than the file has; the file is damaged");
}

GlobalHeap::CollectionPtr GlobalHeap::read(const Action& action, std::uint64_t address) const {
  const std::string which = "the heap collection at " + std::to_string(address);
  const auto damaged = [&](const std::string& why) {
    file_.require_whole(action);
    fail(action, which + " " + why + "; the file is damaged");
  };
  const auto file_size = static_cast<std::uint64_t>(file_.size());
  const std::int64_t head = 8 + length_bytes_;
  if (address > file_size || user_block_ > file_size - address ||
      file_size - address - user_block_ < static_cast<std::uint64_t>(head))
    damaged("lies outside of the file");
  const auto place = static_cast<std::int64_t>(address + user_block_);
  const std::int64_t room = file_.size() - place;
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(room, kFirst)));
  const auto receive = [&](std::int64_t from, std::int64_t size) {
    if (read_fully(file_.descriptor(), &bytes[static_cast<std::size_t>(from)], static_cast<std::size_t>(size),
                   place + from))
      return;
    const int error = errno;
    file_.require_whole(action);
    fail(action, which + ": " + std::strerror(error));
  };
  const auto first = static_cast<std::int64_t>(bytes.size());
  receive(0, first);
  if (std::memcmp(bytes.data(), kSignature.data(), kSignature.size()) != 0)
    damaged("is none: it does not begin with GCOL");
  if (bytes[4] != std::byte{1}) damaged("is of version " + std::to_string(static_cast<int>(bytes[4])) + ", not 1");
  const std::uint64_t size = number(&bytes[8], length_bytes_);
  if (size < static_cast<std::uint64_t>(aligned(head)) || size > static_cast<std::uint64_t>(room))
    damaged("claims " + std::to_string(size) + " bytes, of " + std::to_string(room) + " left in the file");
  bytes.resize(static_cast<std::size_t>(size));
  if (static_cast<std::int64_t>(size) > first) receive(first, static_cast<std::int64_t>(size) - first);
  file_.require_whole(action);
  return std::make_shared<const Collection>(address, std::move(bytes), length_bytes_);
}

/// Large ones have one object each: nobody comes back for another.
void GlobalHeap::keep(const CollectionPtr& collection) const {
  const auto bytes_of = [](const CollectionPtr& one) { return static_cast<std::int64_t>(one->bytes.size()); };
  if (bytes_of(collection) > kSmall) return;
  const std::lock_guard lock(mutex_);
  if (kept_.contains(collection->address)) return;  // another thread was as quick
  recent_.push_front(collection);
  kept_[collection->address] = recent_.begin();
  kept_bytes_ += bytes_of(collection);
  while (kept_bytes_ > kKept) {
    kept_bytes_ -= bytes_of(recent_.back());
    kept_.erase(recent_.back()->address);
    recent_.pop_back();
  }
}

GlobalHeap::CollectionPtr GlobalHeap::collection(const Action& action, std::uint64_t address) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(address); found != kept_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return recent_.front();
    }
  }
  CollectionPtr made = read(action, address);
  keep(made);
  return made;
}

std::span<const std::byte> GlobalHeap::Reader::object(const Reference& reference, std::int64_t item_bytes) {
  if (reference.length == 0) return {};
  if (!last_ || last_->address != reference.address) last_ = heap_.collection(action_, reference.address);
  const auto which = [&] {
    return "object " + std::to_string(reference.index) + " of the heap collection at " +
           std::to_string(reference.address);
  };
  if (reference.index >= last_->objects.size() || last_->objects[reference.index].begin == 0)
    fail(action_,
         which() + (last_->damaged ? " cannot be found, another one reaches beyond the collection" : " is not there") +
             "; the file is damaged");
  const Collection::Object& object = last_->objects[reference.index];
  const std::uint64_t wanted = reference.length * static_cast<std::uint64_t>(item_bytes);  // of 32 bits each at most
  if (wanted > static_cast<std::uint64_t>(object.size))
    fail(action_, which() + " has " + std::to_string(object.size) + " bytes, " + std::to_string(wanted) +
                      " are wanted; the file is damaged");
  return {last_->bytes.data() + object.begin, static_cast<std::size_t>(wanted)};
}

Tensor GlobalHeap::texts(const Action& action, const Tensor& references, DType dtype, std::string_view fill) const {
  const std::int64_t count = references.nbytes() / form_.bytes();
  Tensor result = Tensor::empty(dtype, {count});
  auto* const items = reinterpret_cast<Text*>(result.mutable_data());
  std::uint64_t total = 0;
  bool filled = false;
  for (std::int64_t i = 0; i < count; ++i) {
    const Reference reference = form_.read(references.data() + i * form_.bytes());
    total += reference.length;
    filled |= reference.is_fill;
  }
  require_possible(action, total);
  total += filled ? fill.size() : 0;
  if (total == 0) return result;
  result.set_heap(Buffer::allocate(static_cast<std::size_t>(total)));
  char* place = reinterpret_cast<char*>(result.heap().data());
  const auto add = [&](std::string_view text) {
    const Text item{place, static_cast<std::int64_t>(text.size())};
    place = std::copy(text.begin(), text.end(), place);
    return item;
  };
  const Text where_none = filled ? add(fill) : Text();
  Reader reader(action, *this);
  for (std::int64_t i = 0; i < count; ++i) {
    const Reference reference = form_.read(references.data() + i * form_.bytes());
    const auto bytes = reader.object(reference, 1);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    items[i] = reference.is_fill ? where_none : add(text.substr(0, text.find('\0')));
  }
  return result;
}

Tensor GlobalHeap::splits(const Action& action, const Tensor& references, std::int64_t item_bytes) const {
  const std::int64_t count = references.nbytes() / form_.bytes();
  Tensor result = Tensor::empty(int64, {count + 1});
  const auto splits = result.mutable_values<std::int64_t>();
  splits[0] = 0;
  for (std::int64_t i = 0; i < count; ++i)
    splits[static_cast<std::size_t>(i + 1)] =
        splits[static_cast<std::size_t>(i)] + form_.read(references.data() + i * form_.bytes()).length;
  const auto items = static_cast<std::uint64_t>(splits.back());
  if (item_bytes > 0)
    require_possible(action, items <= UINT64_MAX / static_cast<std::uint64_t>(item_bytes)
                                 ? items * static_cast<std::uint64_t>(item_bytes)
                                 : UINT64_MAX);
  return result;
}

void GlobalHeap::join(const Action& action, const Tensor& references, std::int64_t item_bytes, std::byte* to) const {
  Reader reader(action, *this);
  const std::int64_t count = references.nbytes() / form_.bytes();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto bytes = reader.object(form_.read(references.data() + i * form_.bytes()), item_bytes);
    to = std::copy(bytes.begin(), bytes.end(), to);
  }
}

}  // namespace headrace::hdf5
