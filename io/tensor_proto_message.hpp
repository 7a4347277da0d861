// Private to make_ndarray.cpp: the fields of a serialised TensorProto, checked against each other.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include <headrace/io/tensor_proto_types.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/shape.hpp>

namespace headrace::tensor_proto {

inline constexpr auto kReading = "make_ndarray";

/// Throws ValueError unless `holds`.
template <class... Parts>
void rule(bool holds, const Parts&... parts) {
  require(holds, kReading, parts..., "; the message is damaged, or no TensorProto");
}

/// How the values of a list are written.
enum class Wire : unsigned char { varint, fixed32, fixed64, bytes };
Wire wire_of(std::uint32_t list);

/// The one list that has values.
struct List {
  std::uint32_t field = 0;
  std::int64_t values = 0;
  std::int64_t bytes = 0;      // of all values
  std::int64_t last_size = 0;  // bytes of what came last: the last text
};

/// Made in one pass over the bytes, of which it keeps views: nothing of the tensor's size. Throws ValueError or
/// protozero::exception.
class Message {
 public:
  explicit Message(std::string_view bytes);

  const Type& type() const { return *type_; }
  const Shape& shape() const { return shape_; }
  std::int64_t count() const { return count_; }  // items of the shape, whose bytes fit 63 bits
  std::string_view content() const { return content_; }
  const List& list() const { return list_; }  // empty where there is content
  /// The bytes of the list's values, in order: of one, or of several that are packed.
  void each_run(const std::function<void(std::string_view)>& run) const;

 private:
  void count_values(std::uint32_t field, std::string_view run);
  void read_shape(std::string_view bytes);
  void check();

  std::string_view bytes_, content_;
  std::uint64_t number_ = 0;
  bool has_shape_ = false;
  std::vector<std::int64_t> sizes_;
  List list_;
  const Type* type_ = nullptr;
  Shape shape_;
  std::int64_t count_ = 0;
};

}  // namespace headrace::tensor_proto
