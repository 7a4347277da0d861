#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/io/tensor_proto.hpp>
#include <headrace/io/tensor_proto_types.hpp>

#include <protozero/pbf_writer.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {
namespace {

using namespace tensor_proto;
using protozero::pbf_writer;

constexpr auto kName = "make_tensor_proto";
constexpr std::int64_t kMostBytes = INT32_MAX;  // of a message, everywhere in Protocol Buffers

bool is_text(DType dtype) {
  return dtype.variable_length() || dtype.kind() == Kind::fixed_bytes || dtype.kind() == Kind::fixed_text;
}

const Type& type_of(DType dtype) {
  for (const Type& type : kTypes) {
    if (type.dtype == (is_text(dtype) ? bytes : dtype)) return type;
  }
  throw TypeError(sentence(kName, "the dtype must be one that TensorFlow has, got ", dtype.name(),
                           dtype.kind() == Kind::record ? "; give its fields one by one" : "; use astype(np.int64)"));
}

/// The bytes without the zeros that fill an item of NumPy's S.
std::string_view without_padding(const char* item, std::int64_t width) {
  while (width > 0 && item[width - 1] == 0) --width;
  return {item, static_cast<std::size_t>(width)};
}

/// NumPy's U as UTF-8, which has no halves of surrogate pairs.
Tensor utf8_of(const Tensor& characters) {
  const Tensor texts = hdf5::as_texts(kName, characters);
  const auto* const items = reinterpret_cast<const Text*>(texts.data());
  for (std::int64_t i = 0; i < texts.size(); ++i) {
    const std::string_view item = items[i].view();
    for (std::size_t at = item.find('\xED'); at != item.npos; at = item.find('\xED', at + 1))
      require(static_cast<unsigned char>(item[at + 1]) < 0xA0, kName,
              "texts must be Unicode, got a lone surrogate at item ", i);
  }
  return texts;
}

void require_room(std::int64_t bytes) {
  require(bytes <= kMostBytes, kName, "a message must be smaller than 2 GiB, got ", bytes, " bytes; give it in parts");
}

void add_texts(pbf_writer& writer, const Tensor& tensor) {
  const DType dtype = tensor.dtype();
  const char* item = reinterpret_cast<const char*>(tensor.data());
  std::int64_t total = 0;
  for (std::int64_t i = 0; i < tensor.size(); ++i, item += dtype.itemsize()) {
    std::string_view text;
    if (dtype.variable_length()) {
      Text shown;
      std::memcpy(&shown, item, sizeof shown);
      text = shown.view();
    } else {
      text = without_padding(item, dtype.itemsize());
    }
    require_room(total += static_cast<std::int64_t>(text.size()) + 2);
    writer.add_bytes(kStringVal, protozero::data_view(text.data(), text.size()));
  }
}

template <class T>
std::span<const T> items(const Tensor& tensor, std::int64_t per_item = 1) {
  return {reinterpret_cast<const T*>(tensor.data()), static_cast<std::size_t>(tensor.size() * per_item)};
}

void add_integers(pbf_writer& writer, ProtoField list, const auto& values) {
  if (list == kInt64Val) writer.add_packed_int64(list, values.begin(), values.end());
  if (list == kUint32Val) writer.add_packed_uint32(list, values.begin(), values.end());
  if (list == kUint64Val) writer.add_packed_uint64(list, values.begin(), values.end());
  if (list == kIntVal || list == kHalfVal) writer.add_packed_int32(list, values.begin(), values.end());
}

void add_list(pbf_writer& writer, ProtoField list, const Tensor& tensor) {
  const auto add_floats = [&](auto values) {
    writer.add_packed_fixed<typename decltype(values)::value_type>(list, values.begin(), values.end());
  };
  switch (tensor.dtype().kind()) {
    case Kind::float32:
      return add_floats(items<float>(tensor));
    case Kind::float64:
      return add_floats(items<double>(tensor));
    case Kind::complex64:
      return add_floats(items<float>(tensor, 2));
    case Kind::complex128:
      return add_floats(items<double>(tensor, 2));
    case Kind::boolean: {
      const auto values = items<std::uint8_t>(tensor);
      return writer.add_packed_bool(list, values.begin(), values.end());
    }
    case Kind::int8:
      return add_integers(writer, list, items<std::int8_t>(tensor));
    case Kind::int16:
      return add_integers(writer, list, items<std::int16_t>(tensor));
    case Kind::int32:
      return add_integers(writer, list, items<std::int32_t>(tensor));
    case Kind::int64:
      return add_integers(writer, list, items<std::int64_t>(tensor));
    case Kind::uint8:
      return add_integers(writer, list, items<std::uint8_t>(tensor));
    case Kind::uint32:
      return add_integers(writer, list, items<std::uint32_t>(tensor));
    case Kind::uint64:
      return add_integers(writer, list, items<std::uint64_t>(tensor));
    case Kind::uint16:
    case Kind::float16:
    case Kind::bfloat16:
      return add_integers(writer, list, items<std::uint16_t>(tensor));
    default:
      return add_texts(writer, tensor.dtype().kind() == Kind::fixed_text ? utf8_of(tensor) : tensor);
  }
}

std::string shape_message(const Shape& shape) {
  std::string message;
  pbf_writer writer(message);
  for (const std::int64_t size : shape) {
    std::string dim;
    if (size != 0) pbf_writer(dim).add_int64(kSize, size);  // what is zero is left out, everywhere
    writer.add_message(kDim, dim);
  }
  return message;
}

}  // namespace

std::string make_tensor_proto(const Tensor& tensor) {
  const Type& type = type_of(tensor.dtype());
  require_room(tensor.dtype().variable_length() ? 0 : tensor.nbytes());
  const bool in_content = type.in_content && tensor.size() > 1;
  const bool aligned = reinterpret_cast<std::uintptr_t>(tensor.data()) % alignof(std::max_align_t) == 0;
  const Tensor whole = tensor.is_contiguous() && (in_content || aligned) ? tensor : tensor.copy();
  std::string message;
  pbf_writer writer(message);
  writer.add_enum(kDtype, type.number);
  writer.add_message(kShape, shape_message(tensor.shape()));
  if (in_content) {
    writer.add_bytes(kContent, reinterpret_cast<const char*>(whole.data()), static_cast<std::size_t>(whole.nbytes()));
  } else {
    add_list(writer, type.list, whole);
  }
  require_room(static_cast<std::int64_t>(message.size()));
  return message;
}

}  // namespace headrace
