#include <headrace/io/hdf5/utf8.hpp>

#include <algorithm>
#include <cstring>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::size_t kCharacter = sizeof(std::uint32_t);
constexpr std::uint32_t kMost = 0x10FFFF;

/// The number of bytes that `character` has at `to`.
std::size_t put(std::uint32_t character, char* to) {
  if (character < 0x80) {
    to[0] = static_cast<char>(character);
    return 1;
  }
  const std::size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  for (std::size_t i = length; i-- > 1; character >>= 6) to[i] = static_cast<char>(0x80 | (character & 0x3F));
  to[0] = static_cast<char>((0xF00U >> length & 0xF0) | character);
  return length;
}

Tensor c_order(const Tensor& tensor) { return tensor.is_contiguous() ? tensor : tensor.copy(); }

/// One item of U as UTF-8 into `to`, which has room and is zeros. The number of bytes.
std::size_t encode(std::string_view stage, const std::byte* item, std::size_t characters, char* to) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < characters; ++i) {
    std::uint32_t character = 0;
    std::memcpy(&character, item + i * kCharacter, kCharacter);
    require(character <= kMost, stage, "text must be Unicode, got the character ", character);
    end += put(character, to + end);
  }
  return end;
}

/// A text of a file as one item of U, which is zeros.
bool decode(std::string_view text, std::byte* item, std::size_t characters) {
  for (std::size_t i = 0; !text.empty(); ++i) {
    const auto character = take_character(text);
    if (!character || i == characters) return false;
    std::memcpy(item + i * kCharacter, &*character, kCharacter);
  }
  return true;
}

std::string_view without_zeros(const std::byte* item, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(item), size);
  return text.substr(0, text.find_last_not_of('\0') + 1);
}

}  // namespace

DType utf8_of(DType characters) { return DType::fixed_bytes(std::max<std::int64_t>(characters.itemsize(), 1)); }

Tensor encode_characters(std::string_view stage, const Tensor& characters) {
  const Tensor items = c_order(characters);
  Tensor result = Tensor::zeros(utf8_of(characters.dtype()), characters.shape());
  const auto size = static_cast<std::size_t>(items.dtype().itemsize()),
             room = static_cast<std::size_t>(result.dtype().itemsize());
  for (std::size_t i = 0; i < static_cast<std::size_t>(items.size()); ++i)
    encode(stage, items.data() + i * size, size / kCharacter,
           reinterpret_cast<char*>(result.mutable_data() + i * room));
  return result;
}

Tensor as_texts(std::string_view stage, const Tensor& characters) {
  const Tensor utf8 = encode_characters(stage, characters);
  const auto size = static_cast<std::size_t>(utf8.dtype().itemsize());
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < static_cast<std::size_t>(utf8.size()); ++i)
    texts.push_back(without_zeros(utf8.data() + i * size, size));
  return Tensor::texts(texts, text).reshape(characters.shape());
}

DType kept_dtype(std::string_view stage, const File& file, const ArrayInfo& info) {
  if (info.dtype != text && info.dtype.kind() != Kind::fixed_bytes) return {};
  try {
    for (const Attribute& attribute : file.attributes(stage, info.name)) {
      const Tensor& value = attribute.value;
      if (attribute.name != kDTypeAttribute || value.dtype() != text || value.ndim() > 0) continue;
      const DType dtype = DType::from_name(value.text());
      const bool characters = dtype.kind() == Kind::fixed_text && info.dtype == utf8_of(dtype);
      if (characters || (dtype == bytes && info.dtype == text)) return dtype;
    }
  } catch (const Error&) {  // what attributes say is no more than a wish
  }
  return {};
}

Tensor in_dtype(std::string_view stage, const std::string& name, const Tensor& stored, DType dtype) {
  const Tensor items = dtype == bytes ? stored : c_order(stored);
  if (dtype == bytes) {
    Tensor result =
        Tensor::view(items.buffer(), items.mutable_data(), bytes, items.shape(), items.strides(), items.writable());
    result.set_heap(items.heap());
    return result;
  }
  Tensor result = Tensor::zeros(dtype, stored.shape());
  const auto size = static_cast<std::size_t>(items.dtype().itemsize()),
             room = static_cast<std::size_t>(dtype.itemsize());
  for (std::size_t i = 0; i < static_cast<std::size_t>(items.size()); ++i) {
    const std::string_view one = without_zeros(items.data() + i * size, size);
    require<IoError>(decode(one, result.mutable_data() + i * room, room / kCharacter), stage, "'", name,
                     "' must hold UTF-8 of at most ", room / kCharacter, " characters, got b'", escaped(one),
                     "'; the file is damaged");
  }
  return result;
}

Tensor honest_texts(const Tensor& tensor) {
  if (tensor.dtype() != text) return tensor;
  const Tensor items = c_order(tensor);
  const auto* const texts = reinterpret_cast<const Text*>(items.data());
  const bool right = std::all_of(texts, texts + items.size(), [](const Text& one) { return is_utf8(one.view()); });
  return right ? tensor : in_dtype({}, {}, items, bytes);
}

}  // namespace headrace::hdf5
