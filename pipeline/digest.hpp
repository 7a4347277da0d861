// A short name for a text: for fingerprints and checksums, against mistakes and damage, not against malice.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <headrace/pipeline/random.hpp>

namespace headrace {

/// 16 hexadecimal digits.
inline std::string digest(std::string_view text) {
  std::uint64_t hash = 0;
  for (const char c : text) hash = mix(hash, static_cast<unsigned char>(c));
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

}  // namespace headrace
