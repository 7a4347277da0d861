#include <chrono>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <headrace/io/from_image_folder.hpp>
#include <headrace/io/operations.hpp>
#include <headrace/io/read_file.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/tensors.hpp>
#include <headrace/pipeline/with_options.hpp>

#include "scratch.hpp"

namespace headrace::image {

namespace {

/// A smooth picture, which JPEG keeps nearly as it is.
Tensor picture(std::int64_t height, std::int64_t width, std::int64_t channels, DType dtype = uint8) {
  Tensor result = Tensor::empty(dtype, {height, width, channels});
  std::int64_t i = 0;
  const auto fill = [&](auto& values, double most) {
    for (auto& value : values) {
      const double y = static_cast<double>(i / channels / width), x = static_cast<double>(i / channels % width);
      value = static_cast<std::decay_t<decltype(value)>>(
          most * (0.5 + 0.4 * std::sin(x / 9 + static_cast<double>(i % channels)) * std::cos(y / 7)));
      ++i;
    }
  };
  if (dtype == uint8) {
    auto values = result.mutable_values<std::uint8_t>();
    fill(values, 255);
  } else {
    auto values = result.mutable_values<std::uint16_t>();
    fill(values, 65535);
  }
  return result;
}

Tensor bytes_of(std::string_view contents) { return Tensor::text_scalar(contents, bytes); }

TEST(Png, GivesBackEveryFormExactly) {
  for (const DType dtype : {uint8, uint16}) {
    for (std::int64_t channels = 1; channels <= 4; ++channels) {
      const Tensor image = picture(7, 11, channels, dtype);
      EXPECT_TRUE(equal(DecodePng{.dtype = dtype}(EncodePng{.compression = 9}(image)), image)) << channels;
    }
  }
}

TEST(Jpeg, GivesBackNearlyTheSamePixels) {
  for (const std::int64_t channels : {1, 3}) {
    const Tensor image = picture(40, 50, channels);
    const Tensor back = DecodeJpeg{}(EncodeJpeg{.quality = 95, .progressive = true}(image));
    ASSERT_EQ(back.shape(), image.shape());
    for (std::size_t i = 0; i < image.values<std::uint8_t>().size(); ++i)
      EXPECT_NEAR(back.values<std::uint8_t>()[i], image.values<std::uint8_t>()[i], 24);
  }
}

TEST(Jpeg, GivesAFractionByChoice) {
  const Tensor encoded = EncodeJpeg{}(picture(41, 50, 3));
  EXPECT_EQ(DecodeJpeg{.ratio = 2}(encoded).shape(), (Shape{21, 25, 3}));
  EXPECT_EQ(DecodeJpeg{.ratio = 8}(encoded).shape(), (Shape{6, 7, 3}));
  EXPECT_EQ((DecodeJpeg{.channels = 4}(encoded).shape()), (Shape{41, 50, 4}));
}

TEST(Jpeg, RefusesTooManyPixelsBeforeMemoryIsTaken) {
  std::string bomb(EncodeJpeg{}(picture(8, 8, 3)).text());
  const std::size_t frame = bomb.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  for (const std::size_t place : {5u, 6u, 7u, 8u}) bomb[frame + place] = '\xF0';  // 61,680 x 61,680
  const auto before = BufferPool::counters().allocated + BufferPool::counters().reused;
  const Tensor contents = bytes_of(bomb);
  const auto taken = BufferPool::counters().allocated + BufferPool::counters().reused - before;
  EXPECT_EQ(
      message_of<ValueError>([&] { DecodeJpeg{}(contents); }),
      "[decode_jpeg] the image has 61680 x 61680 pixels, more than max_pixels, 134217728; raise max_pixels if that "
      "is right");
  EXPECT_EQ(BufferPool::counters().allocated + BufferPool::counters().reused - before, taken);
}

TEST(Jpeg, SaysThatTwelveBitsAreNotRead) {
  std::string deep(EncodeJpeg{}(picture(8, 8, 3)).text());
  deep[deep.find("\xFF\xC0") + 4] = 12;
  EXPECT_EQ(message_of<ValueError>([&] { DecodeJpeg{}(bytes_of(deep)); }),
            "[decode_jpeg] the image cannot be decoded as a JPEG: Unsupported JPEG data precision 12");
}

TEST(Image, CutAtEveryByteIsAnErrorOrAnImage) {
  const Tensor image = picture(9, 17, 3);
  for (const Tensor& encoded : {EncodeJpeg{}(image), EncodeJpeg{.progressive = true}(image), EncodePng{}(image)}) {
    const std::string whole(encoded.text());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_THROW(DecodeImage{}(bytes_of({part.data(), part.size()})), ValueError) << size;
    }
  }
}

TEST(Image, FlippedAnywhereIsAnErrorOrAnImage) {
  const Tensor image = picture(9, 17, 3);
  int images = 0;
  for (const Tensor& encoded : {EncodeJpeg{}(image), EncodeJpeg{.progressive = true}(image), EncodePng{}(image)}) {
    for (std::size_t place = 0; place < encoded.text().size(); ++place) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        std::string damaged(encoded.text());
        damaged[place] = static_cast<char>(damaged[place] ^ flip);
        try {
          images += DecodeImage{.exif_orientation = true, .max_pixels = 1 << 16}(bytes_of(damaged)).ndim() == 3;
        } catch (const ValueError&) {
        }
      }
    }
  }
  EXPECT_GT(images, 0);  // other pixels are an image too
}

TEST(Image, OperationsAreFunctionsOfMap) {
  const Tensor image = picture(6, 8, 3);
  const std::string file(EncodePng{}(image).text());
  const std::vector<std::string_view> files(5, file);
  const Element pairs(Structure::tuple({Structure::leaf(), Structure::leaf()}),
                      {Tensor::texts(files, bytes), Tensor::of<std::int64_t>({0, 1, 2, 3, 4})});
  Dataset dataset = from_tensor_slices(pairs) | map(DecodeImage{.channels = 3}) | map(Resize{.size = Shape{4, 4}}) |
                    map(FlipLeftRight{}) | Batch{5};
  EXPECT_EQ(dataset.element_spec().to_string(), "(float32(5, 4, 4, 3), int64(5))");
  const Element batch = *dataset.iterate().next();
  const Tensor expected = FlipLeftRight{}(Resize{.size = Shape{4, 4}}(image));
  EXPECT_TRUE(equal(batch.components[0].row(3), expected.copy()));
  EXPECT_EQ(batch.components[1].row(3).item<std::int64_t>(), 3);
}

/// Lets two threads wait for each other where they take memory for a result of `size` bytes.
class Meeting {
 public:
  explicit Meeting(std::size_t size) {
    BufferPool::set_fault_hook([this, size](std::size_t wanted) {
      if (wanted < size || wanted > size + 4096) return false;
      std::unique_lock lock(mutex_);
      here_.insert(std::this_thread::get_id());
      met_.notify_all();
      if (!alone_) alone_ = !met_.wait_for(lock, std::chrono::seconds(20), [this] { return here_.size() >= 2; });
      return false;
    });
  }
  ~Meeting() { BufferPool::set_fault_hook({}); }
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;
  std::size_t threads() const { return here_.size(); }

 private:
  std::mutex mutex_;
  std::condition_variable met_;
  std::set<std::thread::id> here_;
  bool alone_ = false;
};

/// How many threads take memory for the results of an operation while one batch of them is made.
template <class O>
std::size_t threads_in_a_batch(const O& operation, const Tensor& input, std::size_t size) {
  const std::vector<Tensor> inputs(8, input);
  Dataset dataset = from_tensor_slices(stack(inputs)) | map(operation) | map(Resize{.size = Shape{100, 100}}) |
                    Batch{8} | WithOptions{.threads = 2};
  Iterator iterator = dataset.iterate();
  const Meeting meeting(size);
  EXPECT_TRUE(iterator.next().has_value());
  return meeting.threads();
}

TEST(Image, ADamagedFileIsNamed) {
  const std::string path = testing::TempDir() + "headrace-damaged.png";
  const Tensor file = EncodePng{}(picture(6, 9, 3));
  std::ofstream(path, std::ios::binary) << file.text().substr(0, 60);
  const Tensor contents = ReadFile{}(Tensor::texts(std::vector<std::string_view>{path}).row(0));
  EXPECT_EQ(path_of(contents), path);
  EXPECT_EQ(path_of(file), "");
  for (const auto& message : {message_of<ValueError>([&] { DecodePng{}(contents); }),
                              message_of<ValueError>([&] { DecodeImage{}(contents); })})
    EXPECT_TRUE(message.find("'" + path + "' cannot be decoded as a PNG") != std::string::npos) << message;
  std::filesystem::remove(path);
}

TEST(Image, TheImagesOfOneBatchAreMadeByTwoThreadsAtOnce) {
  const Tensor image = picture(60, 90, 3);
  EXPECT_EQ(threads_in_a_batch(DecodePng{.channels = 3}, EncodePng{}(image), 60 * 90 * 3), 2u);
  EXPECT_EQ(threads_in_a_batch(DecodeJpeg{.channels = 3}, EncodeJpeg{}(image), 60 * 90 * 3), 2u);
  EXPECT_EQ(threads_in_a_batch(PadToBoundingBox{0, 0, 70, 90}, image, 70 * 90 * 3), 2u);
  EXPECT_EQ(threads_in_a_batch(Resize{.size = Shape{50, 50}}, image, 50 * 50 * 3 * 4), 2u);
}

TEST(Image, BatchesAreAsTheirImages) {
  const std::vector<Tensor> images{picture(6, 8, 3), FlipUpDown{}(picture(6, 8, 3)).copy()};
  const Tensor batch = stack(images);
  const auto check = [&](const auto& operation) {
    const Tensor all = operation(batch);
    for (std::int64_t i = 0; i < 2; ++i)
      EXPECT_TRUE(equal(all.row(i).copy(), operation(images[static_cast<std::size_t>(i)]).copy()));
  };
  check(Resize{.size = Shape{9, 5}, .method = "bicubic"});
  check(Resize{.size = Shape{9, 5}, .method = "nearest", .dtype = float32});
  check(CropToBoundingBox{1, 2, 3, 4});
  check(CentralCrop{0.5});
  check(PadToBoundingBox{1, 2, 10, 11});
  check(FlipLeftRight{});
  EXPECT_TRUE(equal(DecodePng{}(EncodePng{}(batch)), batch));
}

class ImageFolder : public InScratchFolder {
 protected:
  ImageFolder() : InScratchFolder("images") {}
};

TEST_F(ImageFolder, NamesTheFileThatIsDamaged) {
  std::filesystem::create_directories(path_ + "/cat");
  std::ofstream(path_ + "/cat/1.png", std::ios::binary) << EncodePng{}(picture(2, 2, 3)).text();
  std::ofstream(path_ + "/cat/2.jpg", std::ios::binary) << EncodeJpeg{}(picture(20, 20, 3)).text().substr(0, 700);
  std::ofstream(path_ + "/cat/3.jpg") << "no picture";
  std::ofstream(path_ + "/cat/notes.txt") << "no picture";
  Dataset dataset = from_image_folder(path_, Shapes(Shape{2, 2}));
  EXPECT_EQ(dataset.cardinality(), 3);
  Iterator iterator = dataset.iterate();
  EXPECT_TRUE(iterator.next().has_value());
  const std::string cut = message_of<ValueError>([&] { iterator.next(); });
  EXPECT_TRUE(cut.starts_with("[from_image_folder] '" + path_ + "/cat/2.jpg' cannot be decoded as a JPEG: ")) << cut;
  EXPECT_EQ(message_of<ValueError>([&] { iterator.next(); }),
            "[from_image_folder] '" + path_ + "/cat/3.jpg' is neither a JPEG nor a PNG by its first bytes; convert it");
  EXPECT_FALSE(iterator.next().has_value());
}

}  // namespace

}  // namespace headrace::image
