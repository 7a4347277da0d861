// The images in a folder, a sub-folder a class.
#pragma once

#include <headrace/io/image/decode.hpp>

namespace headrace {

struct FromImageFolder {
  std::string directory;
  std::optional<Shapes> size;
  std::optional<std::vector<std::string>> classes;
  bool decode = true;
  std::int64_t channels = 3;
  std::string method = "bilinear";
  bool antialias = false;
  bool exif_orientation = false;
  std::int64_t max_pixels = image::kMaxPixels;
  static constexpr auto name = "from_image_folder";
  static constexpr auto summary = "Gives the images in a folder with their classes, its sub-folders.";
  static constexpr auto details =
      "Shape: (image, label): uint8 (height, width, channels) and int64 (); with size all images have that height and "
      "width,\n"
      "    resized, rounded to uint8; with decode=False the file's bytes () in place of the image.\n"
      "Order: by class, in it by path (bytes); random access; the cardinality is exact. Classes are the sub-folders in "
      "sorted\n"
      "    order, or as `classes` lists them: label i is its i-th. Files are .jpg, .jpeg and .png, also in folders "
      "below; "
      "what\n"
      "    begins with a dot is left out, and links to folders are. The folders are read when the source is made.\n"
      "Memory: all paths. Files are read and decoded on all threads, with size straight into the batch.\n"
      "Errors: OSError for a folder or class that is not there, where no image is found, and in the place of one whose "
      "file\n"
      "    cannot be read; ValueError, naming the file, in the place of one that is damaged or has more than "
      "max_pixels.\n"
      "Example: from_image_folder(\"photos\", size=(224, 224)).shuffle(seed=1).batch(32).\n"
      "Source: the layout of tf.keras.utils.image_dataset_from_directory and torchvision's ImageFolder.";
  static constexpr auto options() {
    return std::tuple{
        required("directory", &FromImageFolder::directory, "a folder with a sub-folder for each class"),
        optional("size", &FromImageFolder::size, "(height, width) to resize to; None: as they are"),
        optional("classes", &FromImageFolder::classes, "the sub-folders, in the order of their labels; None: all"),
        optional("decode", &FromImageFolder::decode, "False gives the encoded bytes"),
        optional("channels", &FromImageFolder::channels, "0 as stored, 1 grey, 3 RGB, 4 RGBA"),
        optional("method", &FromImageFolder::method, "how to resize, as image.resize"),
        optional("antialias", &FromImageFolder::antialias, "bilinear and bicubic look at all pixels of a larger image"),
        optional("exif_orientation", &FromImageFolder::exif_orientation, "turn images upright, as EXIF says"),
        optional("max_pixels", &FromImageFolder::max_pixels, "the most pixels of an image that is decoded")};
  }
  Dataset operator()() const;
};

inline Dataset from_image_folder(std::string directory, std::optional<Shapes> size = {}) {
  return make_source(FromImageFolder{std::move(directory), std::move(size)});
}

/// The classes of a folder, in the order of their labels: its sub-folders, sorted. IoError where there are none.
std::vector<std::string> image_classes(const std::string& directory);

}  // namespace headrace
