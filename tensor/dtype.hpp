// What one item of a tensor is. A DType is one pointer to an immutable description that lives for ever, so it is
// copied and compared for free. Parameterised types (datetime units, fixed widths, records) are interned.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headrace {

// clang-format off
enum class Kind : std::uint8_t {
  boolean, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32, float64,
  complex64, complex128,
  datetime64,   // int64 counts of a unit; NaT is the smallest int64
  timedelta64,
  fixed_bytes,  // NumPy's S: zero-padded bytes
  fixed_text,   // NumPy's U: zero-padded UCS-4
  record,       // NumPy's structured types
  text,         // variable-length UTF-8; an item is a headrace::Text
  bytes,        // variable-length bytes; an item is a headrace::Text
};
// clang-format on

struct Field;

class DType {
 public:
  struct Info {
    Kind kind;
    std::int64_t itemsize;  // bytes an item
    std::int64_t alignment;
    std::string name;           // "float32", "datetime64[ns]", "S5", "U3", "str", "bytes", "record{...}"
    std::string unit;           // datetime64 and timedelta64: NumPy's unit, "ns" or "25s"; "" is generic
    std::vector<Field> fields;  // record
  };

  constexpr DType() = default;  // no dtype; only good for being assigned to and compared
  constexpr explicit DType(const Info* info) : info_(info) {}

  /// Interned parameterised types. Thread-safe. `width` counts bytes (S) or characters (U), >= 0.
  static DType datetime64(std::string_view unit);
  static DType timedelta64(std::string_view unit);
  static DType fixed_bytes(std::int64_t width);
  static DType fixed_text(std::int64_t width);
  static DType record(std::vector<Field> fields, std::int64_t itemsize);
  /// By NumPy's name ("float32", "datetime64[ns]", "S5", "str" ...; records have no name to ask by).
  /// Throws TypeError naming the closest known name.
  static DType from_name(std::string_view name);

  Kind kind() const { return info_->kind; }
  std::int64_t itemsize() const { return info_->itemsize; }
  std::int64_t alignment() const { return info_->alignment; }
  const std::string& name() const { return info_->name; }
  const std::string& unit() const { return info_->unit; }
  std::span<const Field> fields() const;
  /// Items are headrace::Text that point into the tensor's heap.
  bool variable_length() const { return kind() == Kind::text || kind() == Kind::bytes; }
  explicit operator bool() const { return info_ != nullptr; }
  friend bool operator==(DType a, DType b) { return a.info_ == b.info_; }

 private:
  const Info* info_ = nullptr;
};

/// One field of a record; `shape` is not empty for a subarray.
struct Field {
  std::string name;
  DType dtype;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  friend bool operator==(const Field&, const Field&) = default;
};

/// One variable-length item; `data` points into the tensor's heap and is not zero-terminated.
struct Text {
  const char* data = nullptr;
  std::int64_t size = 0;
  std::string_view view() const { return {data, static_cast<std::size_t>(size)}; }
};

namespace detail {
union BasicInfo {  // never destroyed, so that static destructors may still ask for a name
  DType::Info info;
  constexpr BasicInfo(Kind kind, std::int64_t itemsize, std::int64_t alignment, const char* name)
      : info{kind, itemsize, alignment, name, {}, {}} {}
  constexpr ~BasicInfo() {}
};
extern const BasicInfo basic_infos[22];  // by Kind, for those without parameters
constexpr DType basic(Kind kind) { return DType(&basic_infos[static_cast<int>(kind)].info); }
}  // namespace detail

inline constexpr DType boolean = detail::basic(Kind::boolean);
inline constexpr DType int8 = detail::basic(Kind::int8);
inline constexpr DType int16 = detail::basic(Kind::int16);
inline constexpr DType int32 = detail::basic(Kind::int32);
inline constexpr DType int64 = detail::basic(Kind::int64);
inline constexpr DType uint8 = detail::basic(Kind::uint8);
inline constexpr DType uint16 = detail::basic(Kind::uint16);
inline constexpr DType uint32 = detail::basic(Kind::uint32);
inline constexpr DType uint64 = detail::basic(Kind::uint64);
inline constexpr DType float16 = detail::basic(Kind::float16);
inline constexpr DType bfloat16 = detail::basic(Kind::bfloat16);
inline constexpr DType float32 = detail::basic(Kind::float32);
inline constexpr DType float64 = detail::basic(Kind::float64);
inline constexpr DType complex64 = detail::basic(Kind::complex64);
inline constexpr DType complex128 = detail::basic(Kind::complex128);
inline constexpr DType text = detail::basic(Kind::text);
inline constexpr DType bytes = detail::basic(Kind::bytes);

/// The dtype of a C++ type: dtype_of<float>() == float32.
template <class T>
constexpr DType dtype_of();
// clang-format off
template <> constexpr DType dtype_of<bool>() { return boolean; }
template <> constexpr DType dtype_of<std::int8_t>() { return int8; }
template <> constexpr DType dtype_of<std::int16_t>() { return int16; }
template <> constexpr DType dtype_of<std::int32_t>() { return int32; }
template <> constexpr DType dtype_of<std::int64_t>() { return int64; }
template <> constexpr DType dtype_of<std::uint8_t>() { return uint8; }
template <> constexpr DType dtype_of<std::uint16_t>() { return uint16; }
template <> constexpr DType dtype_of<std::uint32_t>() { return uint32; }
template <> constexpr DType dtype_of<std::uint64_t>() { return uint64; }
template <> constexpr DType dtype_of<float>() { return float32; }
template <> constexpr DType dtype_of<double>() { return float64; }
template <> constexpr DType dtype_of<std::complex<float>>() { return complex64; }
template <> constexpr DType dtype_of<std::complex<double>>() { return complex128; }
// clang-format on

}  // namespace headrace
