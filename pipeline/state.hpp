// A saved place in a run, as JSON: {"format": 1, "fingerprint": ..., "epoch": ..., "position": ..., "seeds": [...],
// "mark": [[name, number or text], ...], "checksum": ...}. Positions and seeds; texts only for what cannot be computed
// again.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <headrace/pipeline/mark.hpp>

namespace headrace {

struct State {
  static constexpr std::int64_t kFormat = 1;
  std::string fingerprint;
  std::int64_t epoch = 0;
  std::int64_t position = 0;  // elements taken; for the user, the mark decides
  std::vector<std::int64_t> seeds;
  std::vector<SavedEntry> mark;

  std::string to_json() const;
  /// Throws ValueError, naming what is wrong, for anything but an unaltered to_json() of this format.
  static State from_json(const std::string& text);
};

/// A text as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD.
std::string json_string(const std::string& text);

}  // namespace headrace
