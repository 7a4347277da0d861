// HDF5 files that tests make with libhdf5 itself.
#pragma once

#include <headrace/io/hdf5/file.hpp>

#include <gtest/gtest.h>
#include <hdf5.h>

#include <filesystem>
#include <numeric>
#include <stdexcept>

#include <headrace/tensor/error.hpp>

#include "scratch.hpp"

namespace headrace::hdf5 {

namespace fs = std::filesystem;

inline constexpr auto kStage = "from_hdf5";

inline bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Handles of libhdf5, closed together, last first.
class Handles {
 public:
  ~Handles() {
    for (auto id = ids_.rbegin(); id != ids_.rend(); ++id) H5Idec_ref(*id);
  }
  hid_t operator()(hid_t id) {
    if (id < 0) throw std::runtime_error("libhdf5 refused what the test asks for");
    ids_.push_back(id);
    return id;
  }

 private:
  std::vector<hid_t> ids_;
};

class Hdf5File : public InScratchFolder {
 protected:
  Hdf5File() : InScratchFolder("train.h5") {}

  hid_t create(Handles& keep, const std::string& path, hsize_t user_block = 0, bool newest = false) {
    const hid_t creation = keep(H5Pcreate(H5P_FILE_CREATE)), access = keep(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_userblock(creation, user_block);
    if (newest) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    return keep(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access));
  }
  hid_t dataset(Handles& keep, hid_t file, const char* name, hid_t type, std::vector<hsize_t> sizes,
                hid_t creation = H5P_DEFAULT) {
    const hid_t space = keep(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr));
    return keep(H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  }
  /// (7, 5) int32 in chunks of (3, 2), or contiguous; item i is i.
  hid_t numbers(Handles& keep, hid_t file, const char* name, hid_t creation = H5P_DEFAULT, hid_t type = H5T_STD_I32LE) {
    const hid_t id = dataset(keep, file, name, type, {7, 5}, creation);
    std::vector<int> values(35);
    std::iota(values.begin(), values.end(), 0);
    H5Dwrite(id, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    return id;
  }
  hid_t chunked(Handles& keep, std::vector<hsize_t> chunk) {
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    return creation;
  }
  /// A file with '/numbers', contiguous.
  void write_numbers(const std::string& path) {
    Handles keep;
    numbers(keep, create(keep, path), "numbers");
  }
  std::shared_ptr<File> open(bool trusted = false) { return File::open(kStage, path_, trusted); }
  std::string refusal(const std::string& name, bool trusted = false) {
    return message_of<IoError>([&] { open(trusted)->array(kStage, name)->read_rows(kStage, 0, 1); });
  }
};

inline std::vector<int> counted(int first, int count) {
  std::vector<int> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), first);
  return values;
}

inline std::vector<int> values_of(const Tensor& tensor) {
  const auto values = tensor.values<std::int32_t>();
  return {values.begin(), values.end()};
}

}  // namespace headrace::hdf5
