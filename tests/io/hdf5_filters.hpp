// What the tests and the fuzzer of HDF5's filters share: data, and pipelines of every filter of this build.
#pragma once

#include <headrace/io/hdf5/filters.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

using Data = std::vector<std::byte>;

/// 0: zeros, 1: all 0xff, 2: a slow walk of 4-byte numbers, 3: noise.
inline Data sample(int kind, std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  Data data(size, kind == 1 ? std::byte{0xff} : std::byte{0});
  std::uint32_t value = 1000;
  for (std::size_t i = 0; i < size && kind >= 2; ++i) {
    if (i % 4 == 0) value = kind == 3 ? random() : value + random() % 7;
    data[i] = static_cast<std::byte>(value >> (8 * (i % 4)));
  }
  return data;
}

inline Data bytes_of(const std::string& hex) {
  Data data;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    data.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return data;
}

inline Data plus(Data data, const Data& more) {
  data.insert(data.end(), more.begin(), more.end());
  return data;
}

/// What comes out, all of `size` bytes.
inline Data decoded(const FilterPipeline& pipeline, const Data& stored, std::size_t size, std::uint32_t mask = 0) {
  Data to(size);
  pipeline.decode(stored, mask, to);
  return to;
}

/// The ValueError of the same.
inline std::string error_of(const FilterPipeline& pipeline, const Data& stored, std::size_t size,
                            std::uint32_t mask = 0) {
  try {
    decoded(pipeline, stored, size, mask);
  } catch (const ValueError& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

/// Every filter and what people combine, for items of `item` bytes; without those that this build lacks.
inline std::vector<FilterPipeline> pipelines(unsigned item) {
  const Filter shuffle{2, "", {item}}, fletcher32{3, "", {}}, gzip{1, "", {4}}, lzf{32000, "", {4, 0, 0}};
  std::vector<std::vector<Filter>> all{{},
                                       {gzip},
                                       {{1, "", {9}}},
                                       {{1, "", {0}}},
                                       {shuffle},
                                       {fletcher32},
                                       {lzf},
                                       {shuffle, gzip},
                                       {shuffle, lzf, fletcher32},
                                       {shuffle, gzip, fletcher32},
                                       {fletcher32, shuffle, gzip},
                                       {gzip, lzf, gzip},
                                       {{32004, "", {}}},
                                       {{32004, "", {100}}},
                                       {shuffle, {32004, "", {3}}, gzip},
                                       {{32015, "", {3}}},
                                       {shuffle, {32015, "", {}}, fletcher32},
                                       {{32008, "", {0, 4, item}}},
                                       {{32008, "", {0, 4, item, 8, 2}}},
                                       {{32008, "", {0, 4, item, 0, 2}}},
                                       {{32008, "", {0, 4, item, 64, 3, 3}}}};
  for (const unsigned compressor : {0U, 1U, 2U, 4U, 5U}) {
    all.push_back({{32001, "", {2, 2, item, 0, 5, compressor % 3, compressor}}});
  }
  std::vector<FilterPipeline> result;
  for (auto& filters : all) {
    FilterPipeline pipeline(std::move(filters));
    if (!pipeline.unknown()) result.push_back(std::move(pipeline));
  }
  return result;
}

}  // namespace headrace::hdf5
