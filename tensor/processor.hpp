// What the processor at hand can do beyond what every one of its kind can.
#pragma once

namespace headrace::detail {

/// Whether the loops made for AVX2 may run.
inline bool has_avx2() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
#else
  return false;
#endif
}

}  // namespace headrace::detail
