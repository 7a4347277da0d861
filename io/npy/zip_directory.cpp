#include <headrace/io/npy/zip_directory.hpp>

#include <algorithm>
#include <cstring>
#include <set>

namespace headrace {

namespace {

constexpr std::int64_t kEnd = 22, kLocator = 20, kEnd64 = 56, kEntry = 46, kLocal = 30, kMostComment = 65535;
constexpr std::int64_t kMostDirectory = std::int64_t{1} << 28;
constexpr std::int64_t kMostRatio = 1032;  // of deflate
constexpr std::uint32_t kFull32 = 0xFFFFFFFF;

/// Little-endian numbers of a record, whose size the caller has checked.
class Record {
 public:
  explicit Record(std::string_view bytes) : bytes_(bytes) {}
  bool begins(std::string_view signature) const { return bytes_.starts_with(signature); }
  std::uint32_t u16(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 2)); }
  std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
  /// What does not fit is beyond every file.
  std::int64_t i64(std::size_t at) const {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number(at, 8), INT64_MAX));
  }

 private:
  std::uint64_t number(std::size_t at, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
    return value;
  }
  std::string_view bytes_;
};

/// Where the directory lies and how many members it has.
struct Extent {
  std::int64_t offset = 0, size = 0, members = 0;
};

class Directory {
 public:
  Directory(const StampedFiles& files, std::size_t file)
      : files_(files), file_(file), size_(files.size(file)), opened_(files.open(file)) {}

  std::vector<ZipMember> members() const {
    const Extent extent = this->extent();
    const std::string bytes = read(extent.offset, extent.size);
    std::vector<ZipMember> members;
    std::size_t at = 0;
    while (at < bytes.size()) {
      at += entry(std::string_view(bytes).substr(at), extent.offset, members);
      if (static_cast<std::int64_t>(members.size()) > extent.members) break;
    }
    if (static_cast<std::int64_t>(members.size()) != extent.members)
      damaged("its directory must have ", extent.members, " members");
    check_names(members);
    check_places(members);
    return members;
  }

 private:
  template <class... Parts>
  [[noreturn, gnu::cold]] void damaged(const Parts&... what) const {
    throw IoError(sentence(files_.stage(), "cannot read '", files_.paths()[file_], "': ", what...,
                           "; the file is damaged, or no .npz or zip file"));
  }
  std::string read(std::int64_t place, std::int64_t size) const {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    opened_->read([&] { return "'" + files_.paths()[file_] + "'"; }, place, reinterpret_cast<std::byte*>(bytes.data()),
                  size);
    return bytes;
  }

  /// By the record that ends the file, and the one before it that larger files have.
  Extent extent() const {
    if (size_ < kEnd) damaged("it must have ", kEnd, " bytes at least, got ", size_);
    const std::int64_t room = std::min(size_, kEnd + kMostComment);
    const std::string tail = read(size_ - room, room);
    for (std::int64_t at = room - kEnd; at >= 0; --at) {
      const Record record(std::string_view(tail).substr(static_cast<std::size_t>(at)));
      if (!record.begins("PK\5\6") || at + kEnd + record.u16(20) != room) continue;
      const std::int64_t place = size_ - room + at;
      Extent extent{record.u32(16), record.u32(12), record.u16(10)};
      std::int64_t end = place;
      if (extent.offset == kFull32 || extent.size == kFull32 || extent.members == 0xFFFF) end = large(place, extent);
      if (record.u16(4) != 0 && record.u16(4) != 0xFFFF) damaged("archives of several files are not read");
      if (extent.offset > end || extent.size != end - extent.offset || extent.members > extent.size / kEntry ||
          extent.size > kMostDirectory)
        damaged("its directory must lie before its end, got ", extent.members, " members in ", extent.size,
                " bytes at ", extent.offset);
      return extent;
    }
    damaged("it must end as zip files do");
  }

  /// Zip64: fills what the smaller record has no room for; where that directory must end.
  std::int64_t large(std::int64_t end, Extent& extent) const {
    if (end < kLocator + kEnd64) damaged("it must have a record of large sizes");
    const std::string locator = read(end - kLocator, kLocator);
    const Record where{locator};
    const std::int64_t place = where.begins("PK\6\7") ? where.i64(8) : -1;
    if (place < 0 || place > end - kLocator - kEnd64) damaged("it must have a record of large sizes");
    const std::string bytes = read(place, kEnd64);
    const Record record{bytes};
    if (!record.begins("PK\6\6")) damaged("it must have a record of large sizes");
    extent = {record.i64(48), record.i64(40), record.i64(32)};
    return place;
  }

  /// Appends one; the bytes that its entry takes.
  std::size_t entry(std::string_view bytes, std::int64_t directory, std::vector<ZipMember>& members) const {
    if (bytes.size() < kEntry || !Record(bytes).begins("PK\1\2")) damaged("its directory is damaged");
    const Record record(bytes);
    const std::size_t name = record.u16(28), extra = record.u16(30), all = kEntry + name + extra + record.u16(32);
    if (bytes.size() < all) damaged("its directory is damaged");
    ZipMember member;
    member.name = bytes.substr(kEntry, name);
    member.crc = record.u32(16);
    std::int64_t* const sizes[] = {&member.size, &member.stored, &member.offset};
    const std::size_t places[] = {24, 20, 42};
    std::string_view large = large_sizes(bytes.substr(kEntry + name, extra));
    for (std::size_t i = 0; i < 3; ++i) {
      *sizes[i] = record.u32(places[i]);
      if (*sizes[i] != kFull32) continue;
      if (large.size() < 8) damaged("the sizes of '", member.name, "' are missing");
      *sizes[i] = Record(large).i64(0);
      large.remove_prefix(8);
    }
    const std::uint32_t flags = record.u16(8), method = record.u16(10);
    member.method = method == 0 ? ZipMember::Method::stored : ZipMember::Method::deflated;
    if (flags & 1)
      member.refused = "it is encrypted";
    else if (method != 0 && method != 8)
      member.refused = "it is compressed by method " + std::to_string(method) + ", not by deflate";
    if (method == 0 && member.stored != member.size)
      damaged("'", member.name, "' must have one size, got ", member.stored, " and ", member.size);
    if (method == 8 && member.size / kMostRatio > member.stored)
      damaged("'", member.name, "' cannot have ", member.size, " bytes of ", member.stored, " compressed ones");
    find_bytes(member, directory, method);
    members.push_back(std::move(member));
    return all;
  }

  static std::string_view large_sizes(std::string_view extra) {
    while (extra.size() >= 4) {
      const std::size_t size = Record(extra).u16(2);
      if (size > extra.size() - 4) return {};
      if (Record(extra).u16(0) == 1) return extra.substr(4, size);
      extra.remove_prefix(4 + size);
    }
    return {};
  }

  /// From the place of the member's own head, which must agree, to that of its bytes.
  void find_bytes(ZipMember& member, std::int64_t directory, std::uint32_t method) const {
    const auto name = static_cast<std::int64_t>(member.name.size());
    if (member.offset > directory - kLocal - name) damaged("'", member.name, "' must lie before the directory");
    const std::string bytes = read(member.offset, kLocal + name);
    const Record record{bytes};
    if (!record.begins("PK\3\4") || record.u16(26) != member.name.size() || bytes.substr(kLocal) != member.name ||
        record.u16(8) != method)
      damaged("the head of '", member.name, "' must be as in the directory");
    heads_.push_back(member.offset);
    member.offset += kLocal + name + record.u16(28);
    if (member.offset > directory || member.stored > directory - member.offset)
      damaged("'", member.name, "' must lie before the directory, got ", member.stored, " bytes at ", member.offset);
  }

  void check_names(const std::vector<ZipMember>& members) const {
    std::set<std::string_view> names;
    for (const ZipMember& member : members)
      if (!names.insert(member.name).second) damaged("members must differ in name, got '", member.name, "' twice");
  }

  /// Bombs of a few bytes let their members overlap.
  void check_places(const std::vector<ZipMember>& members) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> places;
    for (std::size_t i = 0; i < members.size(); ++i)
      places.emplace_back(heads_[i], members[i].offset + members[i].stored);
    std::sort(places.begin(), places.end());
    for (std::size_t i = 1; i < places.size(); ++i)
      if (places[i].first < places[i - 1].second) damaged("its members must not overlap");
  }

  const StampedFiles& files_;
  std::size_t file_;
  std::int64_t size_;
  std::shared_ptr<const StampedFiles::Opened> opened_;
  mutable std::vector<std::int64_t> heads_;
};

}  // namespace

std::vector<ZipMember> zip_members(const StampedFiles& files, std::size_t file) {
  return Directory(files, file).members();
}

}  // namespace headrace
