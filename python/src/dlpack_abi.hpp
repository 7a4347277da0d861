// The structs of DLPack 1.x, as its specification lays them out (https://dmlc.github.io/dlpack/latest/c_api.html): an
// ABI between libraries, so nothing here may change. Debian 12's dlpack.h is 0.6, without versions and flags.
#pragma once

#include <cstdint>

namespace headrace::python::dlpack {

struct Version {
  std::uint32_t major;
  std::uint32_t minor;
};

struct Device {
  std::int32_t type;
  std::int32_t id;
};
// Devices whose memory the host can read.
inline constexpr std::int32_t kCpu = 1;
inline constexpr std::int32_t kCudaHost = 3;
inline constexpr std::int32_t kRocmHost = 11;
inline constexpr std::int32_t kCudaManaged = 13;

struct DataType {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};
inline constexpr std::uint8_t kInt = 0;
inline constexpr std::uint8_t kUInt = 1;
inline constexpr std::uint8_t kFloat = 2;
inline constexpr std::uint8_t kBfloat = 4;
inline constexpr std::uint8_t kComplex = 5;
inline constexpr std::uint8_t kBool = 6;

struct View {  // DLTensor
  void* data;
  Device device;
  std::int32_t ndim;
  DataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;  // in items; before 1.2 nullptr for C order
  std::uint64_t byte_offset;
};

struct Managed {  // DLManagedTensor, in a capsule named "dltensor"
  View view;
  void* context;
  void (*deleter)(Managed*);
};

struct ManagedVersioned {  // DLManagedTensorVersioned, in a capsule named "dltensor_versioned"
  Version version;
  void* context;
  void (*deleter)(ManagedVersioned*);
  std::uint64_t flags;
  View view;
};
inline constexpr std::uint64_t kReadOnly = 1;
inline constexpr std::uint64_t kIsCopied = 2;

// A consumer that took a capsule over renames it, so that nobody takes it twice.
template <class T>
struct Names;
template <>
struct Names<Managed> {
  static constexpr auto fresh = "dltensor";
  static constexpr auto used = "used_dltensor";
};
template <>
struct Names<ManagedVersioned> {
  static constexpr auto fresh = "dltensor_versioned";
  static constexpr auto used = "used_dltensor_versioned";
};

}  // namespace headrace::python::dlpack
