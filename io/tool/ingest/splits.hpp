// How many of the rows go where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::tool {

struct Split {
  std::string name;  // a group of the file; "": the file itself
  double share = 1;
};

/// "train=0.9,val=0.1"; "": all of them in the file itself. ValueError where shares do not add up to 1.
std::vector<Split> parse_splits(std::string_view stage, const std::string& text);
/// Where each of them begins among `rows`, and the end: shares rounded to the nearest row.
std::vector<std::int64_t> split_ends(const std::vector<Split>& splits, std::int64_t rows);

}  // namespace headrace::tool
