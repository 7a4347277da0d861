#include <headrace/io/tool/journal.hpp>

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <headrace/tensor/error.hpp>

namespace headrace::tool {
namespace {

constexpr char kMagic[8] = {'h', 'e', 'a', 'd', 'j', 'n', 'l', '1'};
constexpr std::int64_t kLongestIdentity = 1 << 24;

/// In the machine's byte order: a journal is of one machine.
struct Head {
  char magic[8];
  std::int64_t identity_bytes;
  std::uint32_t identity_sum, sum;  // the latter of what is before it
};

struct Record {
  std::int64_t first, second, size;
  std::uint32_t mark, bytes_sum, spare, sum;  // the last of what is before it
};
static_assert(sizeof(Head) == 24 && sizeof(Record) == 40);  // no gaps

std::uint32_t sum_of(const void* bytes, std::size_t size) { return libdeflate_crc32(0, bytes, size); }

template <class T>
std::uint32_t sum_of(const T& head) {
  return sum_of(&head, sizeof head - sizeof head.sum);
}

}  // namespace

Journal::Journal(std::string_view stage, std::string path, std::string identity)
    : stage_(stage),
      path_(std::move(path)),
      identity_(std::move(identity)),
      file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)) {
  if (file_.number < 0) throw_io(stage_, "open", path_);
  require<IoError>(::flock(file_.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK, stage_, "cannot open '",
                   path_, "': another process is at this work");
  recover();
}

Journal::~Journal() = default;

void Journal::recover() {
  struct stat now {};
  if (::fstat(file_.number, &now) != 0) throw_io(stage_, "open", path_);
  Head head{};
  const bool headed = now.st_size >= static_cast<off_t>(sizeof head);
  if (headed) recover_bytes(&head, sizeof head, 0);
  const bool ours = headed && std::memcmp(head.magic, kMagic, sizeof kMagic) == 0 && head.sum == sum_of(head) &&
                    head.identity_bytes >= 0 && head.identity_bytes <= kLongestIdentity;
  require<IoError>(ours || now.st_size == 0 || !headed || head.magic[0] == '\0', stage_, "cannot go on with '", path_,
                   "': it is no journal, or a damaged one; remove it to begin anew");
  if (ours && head.identity_bytes <= now.st_size - static_cast<off_t>(sizeof head)) {
    std::string identity(static_cast<std::size_t>(head.identity_bytes), '\0');
    recover_bytes(identity.data(), identity.size(), sizeof head);
    if (sum_of(identity.data(), identity.size()) == head.identity_sum) {
      require<IoError>(identity == identity_, stage_, "cannot go on with '", path_,
                       "': it is of other inputs or options, ", identity, "; these are ", identity_,
                       "; give those again, or remove it to begin anew");
      end_ = static_cast<std::int64_t>(sizeof head) + head.identity_bytes;
      while (recover_record(now.st_size)) {
      }
    }
  }
  if (end_ == 0) {  // it is new, or its first bytes never came to the disk
    head = {};
    std::memcpy(head.magic, kMagic, sizeof kMagic);
    head.identity_bytes = static_cast<std::int64_t>(identity_.size());
    head.identity_sum = sum_of(identity_.data(), identity_.size());
    head.sum = sum_of(head);
    std::string first(reinterpret_cast<const char*>(&head), sizeof head);
    first += identity_;
    if (!write_fully(file_.number, first.data(), first.size(), 0)) throw_io(stage_, "write", path_);
    end_ = static_cast<std::int64_t>(first.size());
  }
  if (!resize_file(file_.number, end_)) throw_io(stage_, "write", path_);
  sort();
  for (const Entry& entry : entries_) found_keys_.push_back(entry.key);
}

/// Bytes that the file has. An error here must not look like a torn record, or what is done would be cut off.
void Journal::recover_bytes(void* to, std::size_t size, std::int64_t place) const {
  if (!read_fully(file_.number, to, size, place))
    throw_io(stage_, "read", path_, "it is as it was: the same command goes on with it");
}

void Journal::sort() {
  std::ranges::sort(entries_, {}, &Entry::key);
  sorted_ = entries_.size();
}

bool Journal::found(const Key& key) const { return std::ranges::binary_search(std::span(found_keys_), key); }

std::optional<Journal::Piece> Journal::find(const Key& key) {
  if (sorted_ < entries_.size()) sort();
  const auto entry = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
  if (entry == entries_.end() || entry->key != key) return std::nullopt;
  return entry->piece;
}

Journal::Piece Journal::piece(const Key& key) {
  const std::optional<Piece> found = find(key);
  require<IoError>(found.has_value(), stage_, "'", path_, "' lacks piece ", key.first, ", ", key.second);
  return *found;
}

/// The record at end_, which moves behind it; false where there is none that is whole.
bool Journal::recover_record(std::int64_t file_size) {
  Record record{};
  const std::int64_t place = end_ + static_cast<std::int64_t>(sizeof record);
  if (place > file_size) return false;
  recover_bytes(&record, sizeof record, end_);
  if (record.sum != sum_of(record) || record.size < 0 || record.size > file_size - place) return false;
  const Piece piece{place, record.size, record.mark};
  std::vector<std::byte> bytes(static_cast<std::size_t>(record.size));
  recover_bytes(bytes.data(), bytes.size(), place);
  if (sum_of(bytes.data(), bytes.size()) != record.bytes_sum) return false;
  entries_.push_back({{record.first, record.second}, piece});
  end_ = place + record.size;
  return true;
}

void Journal::add(const Key& key, std::uint32_t mark, std::span<const std::byte> bytes) {
  Record record{
      key.first, key.second, static_cast<std::int64_t>(bytes.size()), mark, sum_of(bytes.data(), bytes.size()), 0, 0};
  record.sum = sum_of(record);
  const std::lock_guard lock(mutex_);
  const std::int64_t place = end_ + static_cast<std::int64_t>(sizeof record);
  if (!write_fully(file_.number, &record, sizeof record, end_) ||
      !write_fully(file_.number, bytes.data(), bytes.size(), place)) {
    const int error = errno;
    resize_file(file_.number, end_);
    errno = error;
    throw_io(stage_, "write", path_, kGoOn);
  }
  entries_.push_back({key, {place, record.size, mark}});
  end_ = place + record.size;
}

std::vector<std::byte> Journal::read(const Piece& piece) const {
  std::vector<std::byte> bytes(static_cast<std::size_t>(piece.size));
  if (!read_fully(file_.number, bytes.data(), bytes.size(), piece.place)) throw_io(stage_, "read", path_);
  return bytes;
}

void Journal::remove() {
  if (::unlink(path_.c_str()) != 0) throw_io(stage_, "remove", path_);
}

}  // namespace headrace::tool
