#include <headrace/io/tool/ingest/splits.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <headrace/tensor/error.hpp>

namespace headrace::tool {

std::vector<Split> parse_splits(std::string_view stage, const std::string& text) {
  if (text.empty()) return {{"", 1}};
  std::vector<Split> splits;
  double sum = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t equals = text.find('=', begin);
    Split& split = splits.emplace_back();
    const bool named = equals > begin && equals < end;
    if (named) split.name = text.substr(begin, equals - begin);
    const char* const stop = text.data() + end;
    const auto number = std::from_chars(text.data() + (named ? equals + 1 : end), stop, split.share);
    require(named && number.ec == std::errc() && number.ptr == stop && split.share > 0 && split.share < 1 &&
                split.name.find('/') == std::string::npos && split.name != ".",
            stage, "--split must be names with shares between 0 and 1, such as train=0.9,val=0.1, got '", text, "'");
    require(std::ranges::count(splits, split.name, &Split::name) == 1, stage, "--split must name each part once, got '",
            text, "'");
    sum += split.share;
    begin = end + 1;
  }
  require(std::abs(sum - 1) < 1e-9, stage, "the shares of --split must add up to 1, got ", sum, " in '", text, "'");
  return splits;
}

std::vector<std::int64_t> split_ends(const std::vector<Split>& splits, std::int64_t rows) {
  std::vector<std::int64_t> ends{0};
  double share = 0;
  for (const Split& split : splits)
    ends.push_back(std::llround(static_cast<double>(rows) * std::min(share += split.share, 1.0)));
  ends.back() = rows;
  return ends;
}

}  // namespace headrace::tool
