#include <headrace/io/hdf5/filters.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::size_t kMostFilters = 32;  // HDF5's own limit: a mask has no more bits

struct Known {
  int id;
  const char* name;
  const Codec* (*codec)(const Filter&);  // null: libhdf5 alone can undo it
};

constexpr Known kKnown[] = {
    {kGzip, "gzip", gzip_codec},
    {kShuffle, "shuffle", shuffle_codec},
    {kFletcher32, "fletcher32", fletcher32_codec},
    {4, "szip", nullptr},
    {5, "nbit", nullptr},
    {6, "scaleoffset", nullptr},
    {kLzf, "lzf", lzf_codec},
    {32001, "blosc", blosc_codec},
    {32004, "lz4", lz4_codec},
    {32008, "bitshuffle", bitshuffle_codec},
    {32015, "zstd", zstd_codec},
};

const Known* find(int id) {
  const auto* known = std::ranges::find(kKnown, id, &Known::id);
  return known == std::end(kKnown) ? nullptr : known;
}

const Codec* codec_of(const Filter& filter) {
  const Known* known = find(filter.id);
  return known != nullptr && known->codec != nullptr ? known->codec(filter) : nullptr;
}

const Codec& require_codec(const Filter& filter) {
  const Codec* codec = codec_of(filter);
  if (codec == nullptr) fail(filter, "filter ", filter.id, " is not built in");
  return *codec;
}

/// "szip (4)".
std::string title_of(const Filter& filter) {
  const std::string number = std::to_string(filter.id);
  const std::string name = name_of(filter);
  return name == "filter " + number ? name : name + " (" + number + ")";
}

/// A filter to be undone, and the size of what it was given when the chunk was written.
struct Step {
  const Filter* filter;
  const Codec* codec;
  std::size_t size;
  bool exact;  // else that size is a limit
};

void check_size(const Step& step, std::size_t size) {
  if (size > step.size) fail_long(*step.filter, step.size);
  if (step.exact && size < step.size) fail(*step.filter, size, " bytes come out, ", step.size, " were expected");
}

}  // namespace

std::string name_of(const Filter& filter) {
  if (const Known* known = find(filter.id)) return known->name;
  if (filter.name.empty()) return "filter " + std::to_string(filter.id);
  std::string name = filter.name.substr(0, 64);  // a file's text, which may be anything
  std::ranges::replace_if(
      name, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return name;
}

FilterPipeline::FilterPipeline(std::vector<Filter> filters) : filters_(std::move(filters)) {
  if (filters_.size() > kMostFilters) {
    throw ValueError("a dataset has at most 32 filters, got " + std::to_string(filters_.size()));
  }
}

std::optional<std::string> FilterPipeline::unknown() const {
  for (const Filter& filter : filters_) {
    if (codec_of(filter) == nullptr) return title_of(filter);
  }
  return std::nullopt;
}

std::string FilterPipeline::to_string() const {
  std::string text;
  for (const Filter& filter : filters_) {
    if (!text.empty()) text += ", ";
    text += find(filter.id) != nullptr ? name_of(filter) : title_of(filter);
    const bool has_level = filter.id == 1 || filter.id == 32015;
    if (has_level && !filter.values.empty()) text += " " + std::to_string(static_cast<int>(filter.values[0]));
  }
  return text;
}

void FilterPipeline::decode(std::span<const std::byte> stored, std::uint32_t mask, std::span<std::byte> to) const {
  std::array<Step, kMostFilters> steps;
  std::size_t count = 0, size = to.size();
  bool exact = true;
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    if ((mask >> i & 1) != 0) continue;
    const Codec& codec = require_codec(filters_[i]);
    steps[count++] = {&filters_[i], &codec, size, exact};
    size = codec.limit(filters_[i], size);
    exact = exact && codec.exact;
  }

  thread_local std::array<Scratch, 2> scratch;
  std::size_t turn = 0;
  Bytes now = stored;
  for (std::size_t i = count; i-- > 0;) {
    const Step& step = steps[i];
    Room room = to;
    if (step.codec->in_place) {
      room = {};
    } else if (i > 0) {  // `now` lies in the other one, or in neither
      room = scratch[turn++ % 2].take(step.size);
    }
    now = step.codec->decode(*step.filter, now, room);
    check_size(step, now.size());
  }
  if (now.size() != to.size()) {
    throw ValueError(std::to_string(now.size()) + " bytes are stored, " + std::to_string(to.size()) + " were expected");
  }
  if (now.data() != to.data() && !to.empty()) std::memcpy(to.data(), now.data(), to.size());
}

std::vector<std::byte> FilterPipeline::encode(std::span<const std::byte> chunk) const {
  if (filters_.empty()) return {chunk.begin(), chunk.end()};
  std::vector<std::byte> stored;
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    stored = require_codec(filters_[i]).encode(filters_[i], i == 0 ? chunk : Bytes(stored));
  }
  return stored;
}

}  // namespace headrace::hdf5
