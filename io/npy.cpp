#include <headrace/io/npy.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include <headrace/io/file.hpp>
#include <headrace/io/npy/format.hpp>
#include <headrace/io/part_file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {
namespace {

constexpr auto kStage = "npy";

}  // namespace

struct NpyWriter::File {
  std::string path;
  std::optional<PartFile> part;  // while it is written to
  int descriptor = -1;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // written so far
  std::size_t room = 0;    // of the head, which states the length and is written again at the end
  std::string descr;
  DType dtype;
  Shape row;

  [[noreturn]] void fail(const char* what, std::string name) {
    const int error = errno;
    give_up();
    throw IoError(sentence(kStage, "cannot ", what, " '", name, "': ", std::strerror(error), "; '", path,
                           "' is as it was before"));
  }
  void give_up() noexcept {
    if (descriptor < 0) return;
    ::close(descriptor);
    descriptor = -1;
    part.reset();
  }
  void require_open() const {
    require<IoError>(descriptor >= 0, kStage, "'", path, "' was closed or failed before; open another NpyWriter");
  }
  void write(const void* data, std::size_t size) {
    if (!write_fully(descriptor, data, size, bytes)) fail("write", part->path());
    bytes += static_cast<std::int64_t>(size);
  }
  void begin(const Tensor& batch) {
    const auto name = npy_descr(batch.dtype());
    require<TypeError>(name.has_value(), kStage, "cannot write '", path, "': .npy has no dtype ", batch.dtype().name(),
                       "; map to another one first");
    descr = *name;
    room = npy_room(descr, batch.shape().tail());
    const auto head = npy_head(descr, batch.shape().tail().with_front(0), room);
    require(!head.empty(), kStage, "cannot write '", path, "': rows have too many axes (", batch.ndim() - 1,
            ") or fields");
    write(head.data(), head.size());
    dtype = batch.dtype();
    row = batch.shape().tail();
  }
};

NpyWriter::NpyWriter(std::string path) : file_(std::make_unique<File>()) {
  file_->path = std::move(path);
  file_->part.emplace(kStage, file_->path);
  file_->descriptor = ::open(file_->part->path().c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (file_->descriptor < 0) file_->fail("create", file_->part->path());
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
  const auto head = npy_head(file.descr, file.row.with_front(file.rows), file.room);
  if (!write_fully(file.descriptor, head.data(), head.size(), 0)) file.fail("write", file.part->path());
  const std::unique_ptr<File, void (*)(File*)> ended(&file, [](File* done) { done->give_up(); });
  file.part->finish();
}

}  // namespace headrace
