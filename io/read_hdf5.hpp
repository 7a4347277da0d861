// Arrays of HDF5 files as tensors, without a pipeline.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <headrace/tensor/compound.hpp>

namespace headrace {

/// Rows [begin, end); past the end is an IndexError.
struct Hdf5Rows {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// An array, or rows of it, decoded on all threads. A scalar dataset gives a tensor without axes. IoError, naming file,
/// dataset and chunk, for what is not there or cannot be read; TypeError for a type that has no dtype, and for a group.
/// Texts of which one is not UTF-8 come as bytes, all of them.
/// `trusted`: the file may read other files and load filter plugins.
Tensor read_hdf5(const std::string& file, const std::string& dataset, std::optional<Hdf5Rows> rows = {},
                 bool trusted = false);

/// The same of a dataset of sequences of variable length, of which read_hdf5 says TypeError: its rows, of a scalar one.
RaggedTensor read_hdf5_ragged(const std::string& file, const std::string& dataset, std::optional<Hdf5Rows> rows = {},
                              bool trusted = false);
/// Either of them.
Element read_hdf5_element(const std::string& file, const std::string& dataset, std::optional<Hdf5Rows> rows = {},
                          bool trusted = false);

/// A group with all that is below it, each by name. One group under several names is read once; where it is within
/// itself it is left out.
struct Hdf5Group {
  std::vector<std::pair<std::string, Tensor>> arrays;  // without dtype: a link to nowhere, or a type that has none
  std::vector<std::pair<std::string, RaggedTensor>> ragged;  // datasets of sequences
  std::vector<std::pair<std::string, std::shared_ptr<const Hdf5Group>>> groups;
  std::vector<std::pair<std::string, Tensor>> attributes;  // its own; without dtype where none stands for its type
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, Tensor>>>> array_attributes;  // by array
};
Hdf5Group read_hdf5_group(const std::string& file, const std::string& group = "/", bool trusted = false);

/// The rows of an array, -1 for a scalar; nothing for a group.
std::optional<std::int64_t> hdf5_rows(const std::string& file, const std::string& name, bool trusted = false);

}  // namespace headrace
