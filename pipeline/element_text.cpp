#include <headrace/pipeline/element_text.hpp>

#include <charconv>

#include <headrace/pipeline/base64.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

// A field is "12:its content,": a netstring (D. J. Bernstein, 1997). An element is its structure, and for each
// component dtype, shape and the base64 of its bytes in C order; texts are their sizes, 8 bytes each, then their bytes.

std::string field(std::string_view content) {
  return std::to_string(content.size()) + ":" + std::string(content) + ",";
}

class FieldReader {
 public:
  FieldReader(std::string_view text, std::string_view stage) : rest_(text), stage_(stage) {}

  std::string_view next() {
    const std::size_t colon = rest_.find(':');
    std::size_t size = 0;
    const bool headed = colon != std::string_view::npos && parse(rest_.substr(0, colon), size);
    check(headed && size < rest_.size() - colon - 1 && rest_[colon + 1 + size] == ',');
    const std::string_view content = rest_.substr(colon + 1, size);
    rest_.remove_prefix(colon + size + 2);
    return content;
  }
  std::string next_bytes() {
    auto bytes = from_base64(next());
    check(bytes.has_value());
    return std::move(*bytes);
  }
  bool at_end() const { return rest_.empty(); }
  void check(bool holds) const {
    require(holds, stage_, "the data of the state must be what state_dict() gave; it is damaged or of another plan");
  }
  template <class T>
  static bool parse(std::string_view digits, T& number) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size();
  }

 private:
  std::string_view rest_, stage_;
};

std::string shape_text(const Shape& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : " ") + std::to_string(size);
  return text;
}

Shape shape_from(std::string_view text, const FieldReader& in) {
  std::vector<std::int64_t> sizes;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    in.check(FieldReader::parse(text.substr(0, space), sizes.emplace_back()) && sizes.back() >= 0);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  in.check(sizes.size() <= 64);
  return Shape(sizes);
}

std::string_view bytes_of(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

std::string packed(const Tensor& tensor) {
  const Tensor whole = tensor.is_contiguous() ? tensor : tensor.copy();
  if (!whole.dtype().variable_length())
    return std::string(bytes_of(whole.data(), static_cast<std::size_t>(whole.nbytes())));
  const std::span<const Text> texts(reinterpret_cast<const Text*>(whole.data()),
                                    static_cast<std::size_t>(whole.size()));
  std::string bytes;
  for (const Text& text : texts) bytes += bytes_of(&text.size, sizeof text.size);
  for (const Text& text : texts) bytes += text.view();
  return bytes;
}

Tensor unpacked_texts(std::string_view bytes, DType dtype, const Shape& shape, std::size_t count,
                      const FieldReader& in) {
  in.check(count <= bytes.size() / sizeof(std::int64_t));
  const std::string_view sizes = bytes.substr(0, count * sizeof(std::int64_t));
  bytes.remove_prefix(sizes.size());
  std::vector<std::string_view> items;
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t size = 0;
    std::memcpy(&size, sizes.data() + i * sizeof size, sizeof size);
    in.check(size >= 0 && static_cast<std::uint64_t>(size) <= bytes.size());
    items.push_back(bytes.substr(0, static_cast<std::size_t>(size)));
    bytes.remove_prefix(items.back().size());
  }
  in.check(bytes.empty());
  return Tensor::texts(items, dtype).reshape(shape);
}

Tensor unpacked(std::string_view bytes, DType dtype, const Shape& shape, const FieldReader& in) {
  std::size_t count = 1;
  for (const std::int64_t size : shape)
    in.check(!__builtin_mul_overflow(count, static_cast<std::size_t>(size), &count));
  if (dtype.variable_length()) return unpacked_texts(bytes, dtype, shape, count, in);
  std::size_t size = 0;
  in.check(!__builtin_mul_overflow(count, static_cast<std::size_t>(dtype.itemsize()), &size) && size == bytes.size());
  const Tensor tensor = Tensor::empty(dtype, shape);
  if (size > 0) std::memcpy(tensor.mutable_data(), bytes.data(), size);
  return tensor;
}

bool fixed_width(DType dtype) { return dtype.kind() == Kind::fixed_bytes || dtype.kind() == Kind::fixed_text; }
bool same_kind(DType a, DType b) { return a == b || (fixed_width(a) && a.kind() == b.kind()); }

/// The dtype of that name, if it may stand where `like` stands.
DType dtype_from(std::string_view name, DType like, const FieldReader& in) {
  if (name == like.name()) return like;  // also the only way for records
  std::int64_t width = 0;
  const bool widened = fixed_width(like) && !name.empty() && name[0] == like.name()[0] &&
                       FieldReader::parse(name.substr(1), width) && width >= 0 && width <= INT32_MAX;
  in.check(widened);
  return like.kind() == Kind::fixed_bytes ? DType::fixed_bytes(width) : DType::fixed_text(width);
}

}  // namespace

std::string to_text(const Element& element) {
  require<TypeError>(!element.structure->holds_values(), "state", "it can hold arrays only, got ",
                     element.structure->to_string());
  std::string text = field(element.structure->to_string());
  for (const Tensor& component : element.components) {
    text += field(component.dtype().name());
    text += field(shape_text(component.shape()));
    text += field(to_base64(packed(component)));
  }
  return text;
}

Element element_from_text(std::string_view text, const Spec& like, std::string_view stage) {
  FieldReader in(text, stage);
  in.check(in.next() == like.structure->to_string());
  Element element(like.structure, {});
  for (const TensorSpec& component : like.components) {
    const DType dtype = dtype_from(in.next(), component.dtype, in);
    const Shape shape = shape_from(in.next(), in);
    element.components.push_back(unpacked(in.next_bytes(), dtype, shape, in));
  }
  in.check(in.at_end());
  return element;
}

bool same_kind(const Element& element, const Spec& like) {
  if (!element.structure->same_as(*like.structure) || element.structure->holds_values()) return false;
  const std::vector<int> order = like.structure->leaf_order_in(*element.structure);
  for (std::size_t leaf = 0; leaf < like.components.size(); ++leaf) {
    const auto there = order.empty() ? leaf : static_cast<std::size_t>(order[leaf]);
    if (!same_kind(element.components[there].dtype(), like.components[leaf].dtype)) return false;
  }
  return true;
}

}  // namespace headrace
