#include <string_view>

#include <headrace/io/hdf5/array_info.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

constexpr hsize_t kUserBlock = 512;
constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
constexpr char kBytes[] = "what headrace looks for: the bytes of a contiguous dataset";
constexpr std::size_t kIncrement = 1 << 12;

struct Image {
  std::string file;    // the bytes of a file that has a user block
  haddr_t stated = 0;  // where kBytes are, says libhdf5
};

/// A file in memory only: libhdf5 1.10 opens no name that has no real path, such as a memfd's.
Image make_image(const Action& action) {
  const Id creation = owned(action, H5Pcreate(H5P_FILE_CREATE));
  checked(action, H5Pset_userblock(creation.get(), kUserBlock));
  const Id access = owned(action, H5Pcreate(H5P_FILE_ACCESS));
  checked(action, H5Pset_fapl_core(access.get(), kIncrement, false));
  const Id file = owned(action, H5Fcreate(action.file.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
  const hsize_t size = sizeof kBytes;
  const Id space = owned(action, H5Screate_simple(1, &size, nullptr));
  const Id dataset =
      owned(action, H5Dcreate2(file.get(), "bytes", H5T_STD_U8LE, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  checked(action, H5Dwrite(dataset.get(), H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, kBytes));
  checked(action, H5Fflush(file.get(), H5F_SCOPE_LOCAL));
  Image image;
  image.stated = H5Dget_offset(dataset.get());
  image.file.resize(static_cast<std::size_t>(checked(action, H5Fget_file_image(file.get(), nullptr, 0))));
  checked(action, H5Fget_file_image(file.get(), image.file.data(), image.file.size()));
  return image;
}

std::optional<bool> try_out() {
  try {
    const std::string object, name = "headrace-user-block";
    const Image image = make_image({"hdf5", "try out", object, name});
    const auto signature = image.file.find(kSignature);  // an image may come with its user block or without
    const auto bytes = image.file.find(std::string_view(kBytes, sizeof kBytes));
    if (signature == std::string::npos || bytes == std::string::npos) return std::nullopt;
    if (image.stated == bytes - signature + kUserBlock) return true;
    if (image.stated == bytes - signature) return false;
  } catch (const IoError&) {  // then libhdf5 reads such bytes itself
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> offset_counts_user_block() {
  static const std::optional<bool> known = try_out();
  return known;
}

}  // namespace headrace::hdf5
