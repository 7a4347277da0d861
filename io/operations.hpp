// THE list of operations: the Python functions of headrace.image and headrace.io come from it.
#pragma once

#include <headrace/io/image/crop.hpp>
#include <headrace/io/image/decode.hpp>
#include <headrace/io/image/encode.hpp>
#include <headrace/io/image/flip.hpp>
#include <headrace/io/image/pad.hpp>
#include <headrace/io/image/resize.hpp>
#include <headrace/io/read_file.hpp>

namespace headrace {

using Operations = std::tuple<image::CentralCrop, image::CropToBoundingBox, image::DecodeImage, image::DecodeJpeg,
                              image::DecodePng, image::EncodeJpeg, image::EncodePng, image::FlipLeftRight,
                              image::FlipUpDown, image::PadToBoundingBox, image::Resize, ReadFile>;

/// The same as data.
const std::vector<OperationInfo>& all_operations();

}  // namespace headrace
