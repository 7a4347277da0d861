#include <headrace/io/npy.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include <headrace/tensor/error.hpp>

namespace headrace {
namespace {

constexpr auto kStage = "npy";
constexpr std::size_t kWriteAtOnce = std::size_t{1} << 30;  // Linux writes less than 2 GiB a call

std::optional<std::string> descr(DType dtype) {
  const auto bytes = std::to_string(dtype.itemsize());
  switch (dtype.kind()) {
    case Kind::boolean:
      return "|b1";
    case Kind::int8:
      return "|i1";
    case Kind::uint8:
      return "|u1";
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
      return "<i" + bytes;
    case Kind::uint16:
    case Kind::uint32:
    case Kind::uint64:
      return "<u" + bytes;
    case Kind::float16:
    case Kind::float32:
    case Kind::float64:
      return "<f" + bytes;
    case Kind::complex64:
    case Kind::complex128:
      return "<c" + bytes;
    case Kind::datetime64:
      return "<M8" + (dtype.unit().empty() ? "" : '[' + dtype.unit() + ']');
    case Kind::timedelta64:
      return "<m8" + (dtype.unit().empty() ? "" : '[' + dtype.unit() + ']');
    case Kind::fixed_bytes:
      return "|S" + bytes;
    case Kind::fixed_text:
      return "<U" + std::to_string(dtype.itemsize() / 4);
    case Kind::bfloat16:
    case Kind::record:
    case Kind::text:
    case Kind::bytes:
      return std::nullopt;
  }
  return std::nullopt;
}

/// Version 1.0 (numpy.lib.format). The length stands in 19 digits' room, so that the header can be written again.
std::string header(const std::string& descr, std::int64_t rows, const Shape& row) {
  std::string shape = std::to_string(rows) + ',';
  for (const auto size : row) shape += ' ' + std::to_string(size) + ',';
  std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  text.append(19 - std::to_string(rows).size(), ' ');
  constexpr std::size_t before = 10, alignment = 64;  // magic, version and length; the data begins aligned
  text.append((alignment - (before + text.size() + 1) % alignment) % alignment, ' ');
  text += '\n';
  std::string result{'\x93', 'N', 'U', 'M', 'P', 'Y', '\x01', '\x00'};
  result += static_cast<char>(text.size() & 0xff);
  result += static_cast<char>(text.size() >> 8);
  return result + text;
}

}  // namespace

struct NpyWriter::File {
  std::string path, part;
  int descriptor = -1;
  std::int64_t rows = 0;
  DType dtype;
  Shape row;

  [[noreturn]] void fail(const char* what, const std::string& name) {
    const int error = errno;
    give_up();
    throw IoError(sentence(kStage, "cannot ", what, " '", name, "': ", std::strerror(error), "; '", path,
                           "' is as it was before"));
  }
  void give_up() noexcept {
    if (descriptor < 0) return;
    ::close(descriptor);
    descriptor = -1;
    ::unlink(part.c_str());
  }
  void require_open() const {
    require<IoError>(descriptor >= 0, kStage, "'", path, "' was closed or failed before; open another NpyWriter");
  }
  void write(const void* data, std::size_t size) {
    const char* next = static_cast<const char*>(data);
    while (size > 0) {
      const auto written = ::write(descriptor, next, std::min(size, kWriteAtOnce));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("write", part);
      next += written;
      size -= static_cast<std::size_t>(written);
    }
  }
  void begin(const Tensor& batch) {
    const auto name = descr(batch.dtype());
    require<TypeError>(name.has_value(), kStage, "cannot write '", path, "': .npy has no dtype ", batch.dtype().name(),
                       "; map to another one first");
    const auto text = header(*name, 0, batch.shape().tail());
    require(text.size() < 65536, kStage, "cannot write '", path, "': rows have too many axes (", batch.ndim() - 1, ")");
    write(text.data(), text.size());
    dtype = batch.dtype();
    row = batch.shape().tail();
  }
};

NpyWriter::NpyWriter(std::string path) : file_(std::make_unique<File>()) {
  file_->path = std::move(path);
  file_->part = file_->path + ".part";
  file_->descriptor = ::open(file_->part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_->descriptor < 0) file_->fail("create", file_->part);
}

NpyWriter::~NpyWriter() { file_->give_up(); }

void NpyWriter::append(const Tensor& batch) {
  file_->require_open();
  require(batch.ndim() > 0, kStage, "a batch must have a leading axis, got a scalar; append a batch of one");
  if (!file_->dtype) file_->begin(batch);
  require(batch.dtype() == file_->dtype && batch.shape().tail() == file_->row, kStage, "rows of '", file_->path,
          "' are ", file_->dtype.name(), to_string(file_->row), ", got ", batch.dtype().name(),
          to_string(batch.shape().tail()), "; make them equal in map");
  const Tensor packed = batch.is_contiguous() ? batch : batch.copy();
  file_->write(packed.data(), static_cast<std::size_t>(packed.nbytes()));
  file_->rows += batch.shape().front();
}

std::int64_t NpyWriter::rows() const { return file_->rows; }

void NpyWriter::close() {
  auto& file = *file_;
  file.require_open();
  require(static_cast<bool>(file.dtype), kStage, "'", file.path,
          "' got no batch, so its dtype is unknown; append at least one, which may have no rows");
  const auto text = header(*descr(file.dtype), file.rows, file.row);
  if (::lseek(file.descriptor, 0, SEEK_SET) != 0) file.fail("write", file.part);
  file.write(text.data(), text.size());
  if (::fsync(file.descriptor) != 0) file.fail("write", file.part);
  if (std::rename(file.part.c_str(), file.path.c_str()) != 0) file.fail("replace", file.path);
  ::close(file.descriptor);
  file.descriptor = -1;
  // The rename reaches the disk with the folder; where a folder cannot be synced, the file is whole all the same.
  const auto slash = file.path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : file.path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

}  // namespace headrace
