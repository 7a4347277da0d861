// Where the arrays of .npy and .npz files lie, by their heads.
#include <headrace/io/npy_column.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

constexpr std::int64_t kFront = 512;  // most heads have 128 bytes

/// `read(size)` gives the first bytes of what has `size` bytes; one call mostly.
template <class Read>
NpyHead read_head(std::string_view stage, const std::string& where, std::int64_t size, const Read& read) {
  std::string front = read(std::min(size, kFront));
  const std::int64_t wanted = npy_head_size(stage, where, front);
  require<IoError>(wanted <= size, stage, "cannot read ", where, ": it ends in its head; the file is damaged");
  if (wanted > kFront) front = read(wanted);
  return parse_npy_head(stage, where, std::string_view(front).substr(0, static_cast<std::size_t>(wanted)));
}

/// What is behind an array would be left out in silence: numpy.save writes several into one file, one after the other.
void require_fits(std::string_view stage, const NpyPart& part, std::int64_t size) {
  const std::int64_t room = size - part.offset;
  require<IoError>(room >= part.head.bytes, stage, "cannot read ", part.where, ": ", part.head.dtype.name(),
                   to_string(part.head.shape), " has ", part.head.bytes, " bytes, got ", room, "; the file was cut");
  require<IoError>(room <= part.head.bytes, stage, "cannot read ", part.where, ": ", part.head.dtype.name(),
                   to_string(part.head.shape), " has ", part.head.bytes, " bytes, got ", room,
                   "; the file is damaged, or holds more than one array: write them by np.savez");
}

}  // namespace

NpyPart npy_part(const StampedFiles& files, std::size_t file) {
  NpyPart part;
  part.file = file;
  part.where = "'" + files.paths()[file] + "'";
  const auto opened = files.open(file);
  part.head = read_head(files.stage(), part.where, files.size(file), [&](std::int64_t size) {
    std::string front(static_cast<std::size_t>(size), '\0');
    opened->read([&] { return part.where; }, 0, reinterpret_cast<std::byte*>(front.data()), size);
    return front;
  });
  part.offset = part.head.offset;
  require_fits(files.stage(), part, files.size(file));
  return part;
}

NpyPart npz_part(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& name) {
  NpyPart part;
  part.file = file;
  part.where = "'" + name + "' in '" + files.paths()[file] + "'";
  part.member = member;
  part.head = read_head(files.stage(), part.where, member.size, [&](std::int64_t size) {
    std::string front(static_cast<std::size_t>(size), '\0');
    read_zip_front(files, file, member, part.where, std::as_writable_bytes(std::span(front)));
    return front;
  });
  part.offset = part.head.offset;
  require_fits(files.stage(), part, member.size);
  if (member.method == ZipMember::Method::stored) part.offset += member.offset;
  return part;
}

}  // namespace headrace
