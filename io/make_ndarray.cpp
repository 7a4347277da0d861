#include <headrace/io/tensor_proto.hpp>
#include <headrace/io/tensor_proto_message.hpp>

#include <protozero/exception.hpp>
#include <protozero/varint.hpp>

#include <algorithm>
#include <utility>

namespace headrace {
namespace {

using namespace tensor_proto;

constexpr auto kChanged = "nobody else may change the bytes that are read";

/// What a number on the wire is as a T, which must have room for it.
template <class T>
T narrowed(std::uint64_t wire) {
  if constexpr (std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::int64_t>) return static_cast<T>(wire);
  const auto value = static_cast<std::int64_t>(wire);
  rule(std::in_range<T>(value), "a value must fit the dtype, got ", value);
  return static_cast<T>(value);
}

Tensor numbers_of_content(const Message& message) {
  const auto size = static_cast<std::int64_t>(message.content().size());
  rule(message.count() == size / message.type().dtype.itemsize() && size % message.type().dtype.itemsize() == 0,
       "tensor_content must have the size of ", message.type().dtype.name(), to_string(message.shape()), ", got ", size,
       " bytes");
  Tensor tensor = Tensor::empty(message.type().dtype, message.shape());
  std::memcpy(tensor.mutable_data(), message.content().data(), message.content().size());
  if (message.type().dtype == boolean) {
    auto* const items = reinterpret_cast<std::uint8_t*>(tensor.mutable_data());
    std::transform(items, items + message.count(), items, [](std::uint8_t item) { return item != 0; });
  }
  return tensor;
}

/// The sizes of all texts, then their bytes: as TensorFlow's C++ code writes them.
Tensor texts_of_content(const Message& message) {
  const char* at = message.content().data();
  const char* const end = at + message.content().size();
  rule(message.count() <= end - at, "tensor_content must hold the texts of the shape ", to_string(message.shape()),
       ", got ", end - at, " bytes");
  Tensor tensor = Tensor::empty(bytes, message.shape());
  auto* const texts = reinterpret_cast<Text*>(tensor.mutable_data());
  std::uint64_t total = 0;
  for (std::int64_t i = 0; i < message.count(); ++i) {
    const std::uint64_t size = protozero::decode_varint(&at, end);
    rule(size <= message.content().size() && (total += size) <= message.content().size(),
         "texts must lie in tensor_content, got a size of ", size);
    texts[i].size = static_cast<std::int64_t>(size);
  }
  rule(total == static_cast<std::uint64_t>(end - at), "texts must fill tensor_content, got ", total, " of ", end - at,
       " bytes");
  const Buffer heap = Buffer::allocate(total);
  if (total > 0) std::memcpy(heap.data(), at, total);
  const char* place = reinterpret_cast<const char*>(heap.data());
  for (std::int64_t i = 0; i < message.count(); place += texts[i++].size) texts[i].data = place;
  tensor.set_heap(heap);
  return tensor;
}

Tensor texts_of_list(const Message& message) {
  Tensor tensor = Tensor::empty(bytes, message.shape());
  const Buffer heap = Buffer::allocate(static_cast<std::size_t>(message.list().bytes));
  auto* const texts = reinterpret_cast<Text*>(tensor.mutable_data());
  char* place = reinterpret_cast<char*>(heap.data());
  const char* const end = place + message.list().bytes;
  std::int64_t i = 0;
  message.each_run([&](std::string_view text) {
    rule(i < message.count() && static_cast<std::int64_t>(text.size()) <= end - place, kChanged);
    texts[i++] = {place, static_cast<std::int64_t>(text.size())};
    place = std::copy(text.begin(), text.end(), place);
  });
  if (i > 0) std::fill(texts + i, texts + message.count(), texts[i - 1]);
  tensor.set_heap(heap);
  return tensor;
}

std::byte* copy_all(const Message& message, std::byte* to, const std::byte* end) {
  message.each_run([&](std::string_view run) {
    rule(static_cast<std::ptrdiff_t>(run.size()) <= end - to, kChanged);
    std::memcpy(to, run.data(), run.size());
    to += run.size();
  });
  return to;
}

template <class T>
std::byte* decode(const Message& message, std::byte* to, const std::byte* end) {
  message.each_run([&](std::string_view run) {
    for (const char *at = run.data(), *const stop = at + run.size(); at != stop; to += sizeof(T)) {
      const std::uint64_t wire = protozero::decode_varint(&at, stop);
      rule(to != end, kChanged);
      T value;
      if constexpr (std::is_same_v<T, bool>) {
        value = wire != 0;
      } else {
        value = narrowed<T>(wire);
      }
      std::memcpy(to, &value, sizeof value);
    }
  });
  return to;
}

std::byte* decode_all(const Message& message, std::byte* to, const std::byte* end) {
  switch (message.type().dtype.kind()) {
    case Kind::boolean:
      return decode<bool>(message, to, end);
    case Kind::int8:
      return decode<std::int8_t>(message, to, end);
    case Kind::int16:
      return decode<std::int16_t>(message, to, end);
    case Kind::int32:
      return decode<std::int32_t>(message, to, end);
    case Kind::uint8:
      return decode<std::uint8_t>(message, to, end);
    case Kind::uint32:
      return decode<std::uint32_t>(message, to, end);
    case Kind::int64:
      return decode<std::int64_t>(message, to, end);
    case Kind::uint64:
      return decode<std::uint64_t>(message, to, end);
    default:
      return decode<std::uint16_t>(message, to, end);
  }
}

/// The last value for all that follow; zeros where there is none.
void repeat_last(std::byte* begin, std::byte* filled, std::byte* end, std::int64_t itemsize) {
  if (filled == begin) {
    std::fill(begin, end, std::byte{0});
    return;
  }
  for (const std::byte* const last = filled - itemsize; filled != end;) {  // doubling what is there
    const std::ptrdiff_t bytes = std::min(filled - last, end - filled);
    std::memcpy(filled, last, static_cast<std::size_t>(bytes));
    filled += bytes;
  }
}

Tensor numbers_of_list(const Message& message, std::int64_t held) {
  const DType dtype = message.type().dtype;
  Tensor values = Tensor::empty(dtype, held == message.count() ? message.shape() : Shape{held});
  std::byte* const end = values.mutable_data() + values.nbytes();
  const bool packed_numbers = wire_of(message.type().list) == Wire::varint;
  std::byte* const filled =
      packed_numbers ? decode_all(message, values.mutable_data(), end) : copy_all(message, values.mutable_data(), end);
  rule(filled == end, kChanged);
  if (held == message.count()) return values;
  Tensor tensor = Tensor::empty(dtype, message.shape());  // now that the values are known to be good
  std::byte* const begin = tensor.mutable_data();
  if (held > 0) std::memcpy(begin, values.data(), static_cast<std::size_t>(values.nbytes()));
  repeat_last(begin, begin + values.nbytes(), begin + tensor.nbytes(), dtype.itemsize());
  return tensor;
}

/// The list may be shorter than the shape.
Tensor tensor_of_list(const Message& message, std::int64_t max_bytes) {
  const List& list = message.list();
  const DType dtype = message.type().dtype;
  const bool pairs = message.type().list == kScomplexVal || message.type().list == kDcomplexVal;
  rule(!pairs || list.values % 2 == 0, "complex values must be pairs, got ", list.values, " numbers");
  const std::int64_t held = pairs ? list.values / 2 : list.values;
  rule(held <= message.count(), "there must be no more values than the shape ", to_string(message.shape()),
       " has, got ", held);
  const std::int64_t bytes_each = dtype.itemsize() + (dtype == bytes ? list.last_size : 0);
  require(message.count() - held <= max_bytes / bytes_each, kReading,
          "values that are not in the message must be at most max_bytes, ", max_bytes, ", got ", message.count() - held,
          " of ", bytes_each, " bytes for the shape ", to_string(message.shape()),
          "; raise max_bytes if that is right");
  return dtype == bytes ? texts_of_list(message) : numbers_of_list(message, held);
}

}  // namespace

Tensor make_ndarray(std::string_view bytes, std::int64_t max_bytes) {
  require(max_bytes >= 0, kReading, "max_bytes must be >= 0, got ", max_bytes);
  try {
    const Message message(bytes);
    if (message.content().empty()) return tensor_of_list(message, max_bytes);
    return message.type().dtype == headrace::bytes ? texts_of_content(message) : numbers_of_content(message);
  } catch (const protozero::exception& error) {
    throw ValueError(sentence(kReading, "the bytes must be one whole TensorProto, got ", bytes.size(),
                              " bytes of something else (", error.what(), ")"));
  }
}

}  // namespace headrace
