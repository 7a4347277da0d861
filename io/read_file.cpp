#include <headrace/io/read_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <headrace/io/file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

/// What has no size of its own (a pipe, a file of /proc) is read to its end.
Buffer read_to_end(std::string_view stage, const std::string& path, int descriptor) {
  std::string text;
  char part[65536];
  for (;;) {
    const ssize_t got = ::read(descriptor, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_io(stage, "read", path);
    if (got == 0) break;
    text.append(part, static_cast<std::size_t>(got));
  }
  Buffer buffer = Buffer::allocate(text.size());
  std::copy(text.begin(), text.end(), reinterpret_cast<char*>(buffer.data()));
  return buffer;
}

/// Contents that know where they are from: the owner of a buffer.
struct Named {
  Buffer contents;
  std::string path;
  static void release(void* named) { delete static_cast<Named*>(named); }

  static Buffer buffer(Buffer contents, std::string path) {
    std::byte* const data = contents.data();
    const std::size_t size = contents.size();
    return Buffer::foreign(data, size, new Named{std::move(contents), std::move(path)}, release);
  }
};

}  // namespace

std::string_view path_of(const Tensor& contents) {
  const void* const named = contents.dtype() == bytes ? contents.heap().foreign_owner(Named::release) : nullptr;
  return named ? std::string_view(static_cast<const Named*>(named)->path) : std::string_view();
}

Buffer file_bytes(std::string_view stage, const std::string& path) {
  if (path.find('\0') != std::string::npos) errno = EINVAL, throw_io(stage, "open", path);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.number < 0 || ::fstat(file.number, &status) != 0) throw_io(stage, "open", path);
  if (!S_ISREG(status.st_mode) || status.st_size == 0) return read_to_end(stage, path, file.number);
  const auto size = static_cast<std::size_t>(status.st_size);
  Buffer buffer = Buffer::allocate(size);
  if (!read_fully(file.number, buffer.data(), size, 0)) throw_io(stage, "read", path);
  return buffer;
}

Tensor ReadFile::operator()(const Tensor& path) const {
  require<TypeError>(path.dtype() == text || path.dtype() == headrace::bytes, name, "path must be a str, got ",
                     path.dtype().name(), " ", to_string(path.shape()));
  const Tensor paths = path.is_contiguous() ? path : path.copy();
  const auto* const names = reinterpret_cast<const Text*>(paths.data());
  if (paths.size() == 1) {
    const std::string file(names[0].view());
    const Buffer contents = Named::buffer(file_bytes(name, file), file);
    Tensor result = Tensor::empty(headrace::bytes, path.shape());
    *reinterpret_cast<Text*>(result.mutable_data()) = {reinterpret_cast<const char*>(contents.data()),
                                                       static_cast<std::int64_t>(contents.size())};
    result.set_heap(contents);
    return result;
  }
  std::vector<Buffer> parts;
  std::vector<std::string_view> views;
  for (std::int64_t i = 0; i < paths.size(); ++i) {
    const Buffer& part = parts.emplace_back(file_bytes(name, std::string(names[i].view())));
    views.emplace_back(reinterpret_cast<const char*>(part.data()), part.size());
  }
  return Tensor::texts(views, headrace::bytes).reshape(path.shape());
}

std::optional<TensorSpec> ReadFile::spec(const TensorSpec& path) const {
  return TensorSpec{headrace::bytes, path.shape};
}

}  // namespace headrace
