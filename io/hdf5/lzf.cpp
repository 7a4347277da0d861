// Filter 32000, which h5py brings: LZF, runs of literal bytes and references back by up to 8 KiB.
#include <algorithm>
#include <array>
#include <cstring>

#include <headrace/io/hdf5/codec.hpp>
#include <headrace/io/hdf5/frame.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::size_t kMostLiterals = 32;   // a control byte below 32: one literal more than it says
constexpr std::size_t kFarthest = 1 << 13;  // 13 bits of distance, less one
constexpr std::size_t kLongest = 2 + 7 + 255;

constexpr std::size_t kStep = 16;

/// `size` bytes from `distance` before, which may be bytes that this very call writes: the period grows as it goes.
/// `room`, from `to` on, holds as many; where it holds more, whole steps are copied.
void copy_back(std::byte* to, std::size_t distance, std::size_t size, std::size_t room) {
  if (distance >= kStep && room - size >= kStep) {
    for (std::size_t i = 0; i < size; i += kStep) std::memcpy(to + i, to + i - distance, kStep);
    return;
  }
  while (size > 0) {
    const std::size_t part = std::min(size, distance);
    std::memcpy(to, to - distance, part);
    to += part;
    size -= part;
    distance += part;
  }
}

Bytes decode(const Filter& filter, Bytes stored, Room room) {
  FrameReader reader(filter, stored);
  std::size_t done = 0;
  while (!reader.at_end()) {
    const std::size_t control = reader.number<std::uint8_t>();
    if (control < kMostLiterals) {
      const Bytes literals = reader.take(control + 1);
      if (literals.size() > room.size() - done) fail_long(filter, room.size());
      std::memcpy(room.data() + done, literals.data(), literals.size());
      done += literals.size();
      continue;
    }
    std::size_t size = control >> 5;
    if (size == 7) size += reader.number<std::uint8_t>();
    size += 2;
    const std::size_t distance = ((control & 0x1f) << 8 | reader.number<std::uint8_t>()) + 1;
    if (distance > done) fail(filter, "damaged data, a reference points before their beginning");
    if (size > room.size() - done) fail_long(filter, room.size());
    copy_back(room.data() + done, distance, size, room.size() - done);
    done += size;
  }
  return room.first(done);
}

void put_literals(Bytes plain, std::vector<std::byte>& stored) {
  while (!plain.empty()) {
    const std::size_t size = std::min(plain.size(), kMostLiterals);
    stored.push_back(static_cast<std::byte>(size - 1));
    stored.insert(stored.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(size));
    plain = plain.subspan(size);
  }
}

void put_reference(std::size_t distance, std::size_t size, std::vector<std::byte>& stored) {
  const std::size_t back = distance - 1, length = size - 2;
  stored.push_back(static_cast<std::byte>(std::min<std::size_t>(length, 7) << 5 | back >> 8));
  if (length >= 7) stored.push_back(static_cast<std::byte>(length - 7));
  stored.push_back(static_cast<std::byte>(back & 0xff));
}

std::size_t hash_of(Bytes three) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(three[i]); };
  return ((at(0) << 16 | at(1) << 8 | at(2)) * 2654435761U) >> 18;  // 14 bits
}

std::vector<std::byte> encode(const Filter&, Bytes plain) {
  std::vector<std::byte> stored;
  stored.reserve(plain.size() + plain.size() / kMostLiterals + 1);
  std::vector<std::size_t> last(std::size_t{1} << 14);  // where three such bytes stood last, plus one
  std::size_t written = 0, i = 0;
  while (i + 3 <= plain.size()) {
    std::size_t& place = last[hash_of(plain.subspan(i, 3))];
    const std::size_t candidate = place;
    place = i + 1;
    if (candidate == 0 || i + 1 - candidate > kFarthest ||
        std::memcmp(plain.data() + candidate - 1, plain.data() + i, 3) != 0) {
      ++i;
      continue;
    }
    const std::size_t distance = i + 1 - candidate, most = std::min(plain.size() - i, kLongest);
    std::size_t size = 3;
    while (size < most && plain[i + size] == plain[i + size - distance]) ++size;
    put_literals(plain.subspan(written, i - written), stored);
    put_reference(distance, size, stored);
    i += size;
    written = i;
  }
  put_literals(plain.subspan(written), stored);
  return stored;
}

constexpr Codec kCodec{compressed_limit, false, false, decode, encode};

}  // namespace

const Codec* lzf_codec(const Filter&) { return &kCodec; }

}  // namespace headrace::hdf5
