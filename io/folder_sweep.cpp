// Elements of a folder in the order of its files, a window of each in memory.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include <headrace/io/element_folder.hpp>

namespace headrace {

namespace {

constexpr std::ptrdiff_t kWindow = std::ptrdiff_t{1} << 22;

/// Lets go of a mapped file's pages that were read: the system may keep them, but they are not this process's.
class Window {
 public:
  ~Window() { let_go(end_); }
  /// Bytes that mostly lie behind those of the calls before.
  void read(const std::byte* at, std::int64_t size) {
    if (begin_ == nullptr) begin_ = at;
    if (at - begin_ > kWindow) let_go(at);
    end_ = at + size;
  }

 private:
  void let_go(const std::byte* to) {
    if (begin_ == nullptr || to <= begin_) return;  // who wrote the file may have had another order in mind
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto from = reinterpret_cast<std::uintptr_t>(begin_) / page * page;
    (void)::madvise(reinterpret_cast<void*>(from), reinterpret_cast<std::uintptr_t>(to) - from, MADV_DONTNEED);
    begin_ = to;
  }

  const std::byte *begin_ = nullptr, *end_ = nullptr;
};

struct Wanted {
  std::int64_t position, to;
};

/// Rows of `bytes` bytes, or of kBytes where that is known beforehand; the next ones are on their way meanwhile.
template <std::int64_t kBytes>
void copy_in_order(const std::byte* from, std::byte* to, std::span<const Wanted> rows, std::int64_t bytes) {
  constexpr std::size_t kAhead = 16;
  if (kBytes > 0) bytes = kBytes;
  Window window;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kAhead < rows.size()) __builtin_prefetch(from + rows[i + kAhead].position * bytes);
    const std::byte* const row = from + rows[i].position * bytes;
    window.read(row, bytes);
    std::memcpy(to + rows[i].to * bytes, row, static_cast<std::size_t>(bytes));
  }
}

Tensor copied(const Tensor& column, std::span<const Wanted> rows) {
  Tensor copy = Tensor::empty(column.dtype(), column.shape().tail().with_front(static_cast<std::int64_t>(rows.size())));
  const std::int64_t bytes = column.strides()[0];
  const auto copy_rows = bytes == 8 ? copy_in_order<8> : bytes == 4 ? copy_in_order<4> : copy_in_order<0>;
  copy_rows(column.data(), copy.mutable_data(), rows, bytes);
  return copy;
}

/// The bytes, too, of texts that lie in a file.
Tensor with_bytes(const Tensor& texts, std::span<const Wanted> rows) {
  const std::span from(reinterpret_cast<const Text*>(texts.data()), static_cast<std::size_t>(texts.size()));
  std::int64_t size = 0;
  for (const Text& text : from) size += text.size;
  Buffer heap = Buffer::allocate(static_cast<std::size_t>(size));
  Tensor copy = Tensor::empty(texts.dtype(), texts.shape());
  auto* const to = reinterpret_cast<Text*>(copy.mutable_data());
  auto* next = reinterpret_cast<char*>(heap.data());
  const std::size_t items = from.size() / std::max<std::size_t>(rows.size(), 1);
  Window window;
  for (const Wanted& row : rows) {
    for (std::size_t i = static_cast<std::size_t>(row.to) * items; i < static_cast<std::size_t>(row.to + 1) * items;
         ++i) {
      const Text& text = from[i];
      window.read(reinterpret_cast<const std::byte*>(text.data), text.size);
      std::copy_n(text.data, text.size, next);
      to[i] = {next, text.size};
      next += text.size;
    }
  }
  copy.set_heap(std::move(heap));
  return copy;
}

}  // namespace

Rows ElementFolder::gather_sweeping(const Positions& positions) const {
  if (!shapes_agree_) return gather(positions);
  std::vector<Wanted> wanted;
  wanted.reserve(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i) wanted.push_back({positions[i], i});
  std::ranges::sort(wanted, {}, &Wanted::position);
  Rows rows = Rows::of_columns(manifest_.structure, {}, positions.count);
  for (const Component& component : components_) {
    Tensor column = copied(component.values, wanted);
    const bool text = component.dtype.variable_length();
    rows.columns.push_back(text ? with_bytes(texts_of(component, column), wanted) : std::move(column));
  }
  return rows;
}

}  // namespace headrace
