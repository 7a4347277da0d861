// Where the arrays of .npy and .npz files lie, by their heads.
#include <algorithm>

#include <headrace/io/npy/column.hpp>

namespace headrace {

namespace {

/// `read(to)` fills it with the first bytes of what has `size` bytes.
template <class Read>
NpyHead read_head(std::string_view stage, const std::string& where, std::int64_t size, const Read& read) {
  const std::string head = read_npy_head(stage, where, [&](std::int64_t wanted) {
    std::string front(static_cast<std::size_t>(std::min(wanted, size)), '\0');
    read(std::as_writable_bytes(std::span(front)));
    return front;
  });
  return parse_npy_head(stage, where, head);
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

NpyPart::NpyPart() = default;
NpyPart::~NpyPart() = default;
NpyPart::NpyPart(NpyPart&&) noexcept = default;

NpyPart npy_part(const StampedFiles& files, std::size_t file) {
  NpyPart part;
  part.file = file;
  part.where = "'" + files.paths()[file] + "'";
  const auto opened = files.open(file);
  part.head = read_head(files.stage(), part.where, files.size(file), [&](std::span<std::byte> to) {
    opened->read([&] { return part.where; }, 0, to.data(), static_cast<std::int64_t>(to.size()));
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
  part.head = read_head(files.stage(), part.where, member.size,
                        [&](std::span<std::byte> to) { read_zip_front(files, file, member, part.where, to); });
  part.offset = part.head.offset;
  require_fits(files.stage(), part, member.size);
  if (member.method == ZipMember::Method::stored) part.offset += member.offset;
  return part;
}

}  // namespace headrace
