#include <headrace/io/from_image_folder.hpp>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include <headrace/io/image/resize.hpp>
#include <headrace/io/read_file.hpp>
#include <headrace/pipeline/digest.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/random_access.hpp>
#include <headrace/tensor/copy.hpp>

namespace headrace {

namespace {

namespace fs = std::filesystem;

struct ImageFile {
  std::string path;  // below the folder
  std::int64_t label;
  std::uintmax_t size;
};

bool is_hidden(const fs::path& path) { return path.filename().native().front() == '.'; }

bool is_image(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

/// Calls `each` for every entry of `folder`. Throws IoError.
template <class F>
void each_entry(const fs::path& folder, F&& each) {
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!is_hidden(entry->path())) each(*entry);
  }
  require<IoError>(!error, FromImageFolder::name, "cannot read the folder '", folder.string(), "': ", error.message());
}

void add_images(const fs::path& directory, const fs::path& below, std::int64_t label, std::vector<ImageFile>& files) {
  each_entry(directory / below, [&](const fs::directory_entry& entry) {
    std::error_code error;
    const fs::path path = below / entry.path().filename();
    if (entry.is_directory(error) && !entry.is_symlink(error))
      add_images(directory, path, label, files);
    else if (is_image(path) && entry.is_regular_file(error))
      files.push_back({path.string(), label, entry.file_size(error)});
  });
}

std::vector<ImageFile> images_in(const fs::path& directory, const std::vector<std::string>& classes) {
  std::vector<ImageFile> files;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const auto begin = static_cast<std::ptrdiff_t>(files.size());
    add_images(directory, classes[label], static_cast<std::int64_t>(label), files);
    std::sort(files.begin() + begin, files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  }
  require<IoError>(!files.empty(), FromImageFolder::name, "no .jpg, .jpeg or .png is in the classes of '",
                   directory.string(), "'");
  return files;
}

class ImageFolderNode final : public Node {
 public:
  ImageFolderNode(const FromImageFolder& options, std::vector<std::string> classes)
      : Node({}),
        directory_(options.directory),
        classes_(std::move(classes)),
        files_(images_in(directory_, classes_)),
        decode_{options.channels, options.exif_orientation, options.max_pixels},
        decoded_(options.decode) {
    const Shape image{-1, -1, options.channels ? options.channels : -1};
    TensorSpec first = decoded_ ? TensorSpec{uint8, image} : TensorSpec{bytes, {}};
    if (options.size) {
      resize_ = image::Resize{
          .size = *options.size, .method = options.method, .antialias = options.antialias, .dtype = uint8};
      first = *resize_->spec(first);
    }
    spec_ = {Structure::tuple({Structure::leaf(), Structure::leaf()}), {first, {int64, {}}}};
  }

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return static_cast<std::int64_t>(files_.size()); }
  std::optional<Spec> spec() const override { return spec_; }
  std::string identity() const override {
    std::string text;
    for (const ImageFile& file : files_)
      text += file.path + '\0' + std::to_string(file.label) + ' ' + std::to_string(file.size) + '\n';
    return digest(text);
  }
  std::string remark() const override {
    return std::to_string(files_.size()) + " images of " + std::to_string(classes_.size()) + " classes";
  }

  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override {
    const auto failed = make_rows_apart(*this, context, positions.count, 1, [&](const Context&, std::int64_t i) {
      try {
        const Element element = element_at(positions[i]);
        for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
          copy(element.components[leaf], columns[leaf].row(to[i]));
      } catch (...) {
        return capture_failure(*this, positions[i]);
      }
      return FailurePtr();
    });
    for (const FailedRow& row : failed) failures.push_back({to[row.row], row.failure});
  }

 protected:
  Element do_at(const Context&, std::int64_t position) const override { return element_at(position); }

 private:
  Element element_at(std::int64_t position) const {
    const ImageFile& file = files_[static_cast<std::size_t>(position)];
    const std::string path = (fs::path(directory_) / file.path).string();
    return {spec_.structure, {image_of(path), Tensor::scalar(file.label)}};
  }

  Tensor image_of(const std::string& path) const {
    const Buffer contents = file_bytes(label(), path);
    const Text text{reinterpret_cast<const char*>(contents.data()), static_cast<std::int64_t>(contents.size())};
    if (!decoded_) {
      Tensor result = Tensor::empty(bytes, {});
      *reinterpret_cast<Text*>(result.mutable_data()) = text;
      result.set_heap(contents);
      return result;
    }
    const Tensor image = decode_.of_file(label(), path, text.view());
    return resize_ ? (*resize_)(image) : image;
  }

  std::string directory_;
  std::vector<std::string> classes_;
  std::vector<ImageFile> files_;
  image::DecodeImage decode_;
  std::optional<image::Resize> resize_;
  bool decoded_;
  Spec spec_;
};

}  // namespace

std::vector<std::string> image_classes(const std::string& directory) {
  std::vector<std::string> classes;
  each_entry(directory, [&](const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.is_directory(error)) classes.push_back(entry.path().filename().string());
  });
  std::sort(classes.begin(), classes.end());
  require<IoError>(!classes.empty(), FromImageFolder::name, "'", directory,
                   "' must have a sub-folder for each class, got none");
  return classes;
}

Dataset FromImageFolder::operator()() const {
  image::DecodeImage{channels, exif_orientation, max_pixels}.check();
  if (size) image::Resize{.size = *size, .method = method}.check();
  require(decode || !size, name, "size needs decoded images, got decode=False; leave out one of them");
  std::error_code error;
  require<IoError>(fs::is_directory(directory, error), name, "'", directory, "' must be a folder that can be read");
  if (!classes) return Dataset(std::make_shared<ImageFolderNode>(*this, image_classes(directory)));
  require(!classes->empty(), name, "classes must name at least one sub-folder, got none");
  for (const std::string& one : *classes)
    require<IoError>(fs::is_directory(fs::path(directory) / one, error), name, "there is no class '", one, "' in '",
                     directory, "'");
  return Dataset(std::make_shared<ImageFolderNode>(*this, *classes));
}

}  // namespace headrace
