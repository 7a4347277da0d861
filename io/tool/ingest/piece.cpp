// In the machine's byte order: the numbers of a piece; of each component the sizes, then the items, of texts their
// lengths and their bytes.
#include <headrace/io/tool/ingest/piece.hpp>

#include <cstring>
#include <string_view>

#include <headrace/tensor/error.hpp>

namespace headrace::tool {
namespace {

class Packer {
 public:
  void put(const void* bytes, std::size_t size) {
    const auto* const from = static_cast<const std::byte*>(bytes);
    packed.insert(packed.end(), from, from + size);
  }
  void put(std::int64_t number) { put(&number, sizeof number); }
  void put(const Tensor& given) {
    const Tensor tensor = given.is_contiguous() ? given : given.copy();
    put(std::int64_t{tensor.ndim()});
    for (const std::int64_t size : tensor.shape()) put(size);
    if (!tensor.dtype().variable_length()) return put(tensor.data(), static_cast<std::size_t>(tensor.nbytes()));
    const std::span texts(reinterpret_cast<const Text*>(tensor.data()), static_cast<std::size_t>(tensor.size()));
    for (const Text& text : texts) put(text.size);
    for (const Text& text : texts) put(text.data, static_cast<std::size_t>(text.size));
  }
  std::vector<std::byte> packed;
};

class Unpacker {
 public:
  Unpacker(std::string_view stage, std::span<const std::byte> bytes) : stage_(stage), left_(bytes) {}

  std::span<const std::byte> take(std::int64_t size) {
    require<IoError>(size >= 0 && static_cast<std::size_t>(size) <= left_.size(), stage_,
                     "the journal holds a piece of another kind; remove it to begin anew");
    const auto taken = left_.first(static_cast<std::size_t>(size));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  std::int64_t number() {
    std::int64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text(std::int64_t size) {
    const auto taken = take(size);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  Tensor tensor(DType dtype) {
    Shape shape;
    for (std::int64_t axes = number(); axes > 0; --axes) shape = shape.with_back(number());
    if (dtype.variable_length()) return texts(dtype, shape);
    Tensor tensor = Tensor::empty(dtype, shape);
    const auto items = take(tensor.nbytes());
    if (!items.empty()) std::memcpy(tensor.mutable_data(), items.data(), items.size());
    return tensor;
  }

 private:
  Tensor texts(DType dtype, const Shape& shape) {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(element_count(shape)));
    for (std::int64_t& size : sizes) size = number();
    std::vector<std::string_view> views;
    views.reserve(sizes.size());
    for (const std::int64_t size : sizes) views.push_back(text(size));
    return Tensor::texts(views, dtype).reshape(shape);
  }

  std::string_view stage_;
  std::span<const std::byte> left_;
};

}  // namespace

std::vector<std::byte> pack(const Piece& piece) {
  Packer packer;
  packer.packed.reserve(static_cast<std::size_t>(piece.chunk.nbytes()) + piece.state.size() + 64);
  packer.put(piece.log_size);
  packer.put(static_cast<std::int64_t>(piece.state.size()));
  packer.put(piece.state.data(), piece.state.size());
  for (const Tensor& component : piece.chunk.components) packer.put(component);
  return std::move(packer.packed);
}

Piece unpack(std::string_view stage, std::span<const std::byte> bytes, const Spec& spec) {
  Unpacker unpacker(stage, bytes);
  Piece piece;
  piece.log_size = unpacker.number();
  piece.state = unpacker.text(unpacker.number());
  piece.chunk.structure = spec.structure;
  for (const TensorSpec& component : spec.components)
    piece.chunk.components.push_back(unpacker.tensor(component.dtype));
  return piece;
}

}  // namespace headrace::tool
