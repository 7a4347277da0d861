// Numbers compress to short matches and literals in an order that no processor can guess, and to tell the two apart by
// a branch costs more than all else. So a step has no branches: eleven bits at once give a word that says what to do,
// and what it says is done also where it is nothing. Other matches and whatever is rare leave the steps for one symbol.
#include <headrace/io/hdf5/inflate.hpp>

#include <libdeflate.h>

#include <algorithm>
#include <cstring>

#include <headrace/io/hdf5/bit_source.hpp>
#include <headrace/io/hdf5/steps.hpp>

namespace headrace::hdf5 {

namespace {

using std::uint32_t, std::uint64_t, std::uint8_t;

constexpr std::size_t kShort = 4096;  // stored bytes; to make the steps takes longer than they save

void copy16(std::byte* to, const std::byte* from) {
  std::array<uint64_t, 2> part;  // all is read before any is written
  std::memcpy(part.data(), from, sizeof part);
  std::memcpy(to, part.data(), sizeof part);
}

constexpr std::size_t kBeyond = 64;  // what copy_match() writes more

void copy_match(std::byte* to, std::size_t distance, std::size_t length) {
  const std::byte* from = to - distance;
  std::byte* const end = to + length;
  if (distance == 1) {
    std::array<std::byte, 16> part;
    part.fill(*from);
    for (; to < end; to += 16) std::memcpy(to, part.data(), sizeof part);
    return;
  }
  for (; distance < 16; distance *= 2) {  // what repeats does so at twice the distance, too
    copy16(to, from);
    to += distance;
  }
  do {
    copy16(to, from);
    copy16(to + 16, from + 16);
    to += 32, from += 32;
  } while (to < end);
}

/// Whether, as the lengths of codes tell, so many symbols are matches that are no steps that others are as fast.
bool has_few_steps(std::span<const uint8_t> symbols, std::span<const uint8_t> distances) {
  constexpr uint32_t kAll = 1U << PrefixCode::kMostBits;
  std::array<uint32_t, PrefixCode::kMostBits + 1> longer{};  // of kAll distances those of more bits
  for (const uint8_t length : distances)
    for (unsigned bits = 0; bits < length; ++bits) longer[bits] += kAll >> length;
  uint32_t without = 0;
  for (std::size_t i = kLengths; i < std::min(symbols.size(), kLengths + kLengthBase.size()); ++i) {
    const unsigned bits = symbols[i], base = kLengthBase[i - kLengths];
    if (bits == 0 || base >= 64) continue;  // few of those make much, whoever copies them
    const bool is_step = kLengthExtra[i - kLengths] == 0 && bits <= Steps::kIndex;
    without += is_step ? longer[Steps::kIndex - bits] >> bits : kAll >> bits;
  }
  return without > kAll / 5;
}

/// For a block of literals, which may go without: two symbols that mean nothing.
constexpr std::array<uint8_t, 32> kNoDistance{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                              0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};

class Inflation {
 public:
  Inflation(Bytes stored, Room room, bool whichever) : in_{stored}, room_(room), whichever_(whichever) {}

  /// run(*this) is run().
  template <class Run>
  std::optional<std::size_t> all(const Run& run) {
    if (!read_head()) return {};
    for (bool last = false; !last;) {
      in_.refill();
      last = in_.take(1) != 0;
      const unsigned kind = in_.take(2);
      const bool sound = kind == 0   ? copy_block()
                         : kind == 1 ? make_fixed_codes() && run(*this)
                                     : kind == 2 && read_codes() && run(*this);
      if (!sound) return {};
    }
    return is_right() ? std::optional(made_) : std::nullopt;
  }

  /// What is left of a block; false where it is not sound.
  [[gnu::always_inline]] inline bool run() {
    for (;;) {
      if (!run_steps()) return false;
      in_.refill();
      const auto [symbol, length] = symbols_.find(in_.bits);
      in_.take(length);
      if (in_.is_short) return false;
      if (symbol == kEnd) return true;
      if (symbol > kEnd ? !match(symbol - kLengths) : !literal(symbol)) return false;
    }
  }

 private:
  bool read_head() {
    const unsigned method = in_.byte(0), flags = in_.byte(1);
    in_.next = 2;
    return method % 16 == 8 && method / 16 <= 7 && (flags & 32) == 0 && (method * 256 + flags) % 31 == 0;
  }

  bool is_right() {
    in_.to_byte();
    if (in_.is_short || in_.left() < 4) return false;
    uint32_t sum = 0;
    for (std::size_t i = 0; i < 4; ++i) sum = sum << 8 | in_.byte(in_.next + i);
    return sum == libdeflate_adler32(1, room_.data(), made_);
  }

  bool copy_block() {
    in_.to_byte();
    if (in_.is_short || in_.left() < 4) return false;
    const auto number = [&](std::size_t i) { return in_.byte(in_.next + i) | in_.byte(in_.next + i + 1) << 8; };
    const std::size_t size = number(0), inverse = number(2);
    in_.next += 4;
    if (size + inverse != 0xffff || size > in_.left() || size > room_.size() - made_) return false;
    if (size > 0) std::memcpy(&room_[made_], &in_.bytes[in_.next], size);
    in_.next += size;
    made_ += size;
    return true;
  }

  bool make_codes(std::span<const uint8_t> symbols, std::span<const uint8_t> distances) {
    if (!whichever_ && made_ < room_.size() / 4 && has_few_steps(symbols, distances)) return false;
    const bool has_matches = std::ranges::any_of(distances, [](uint8_t length) { return length > 0; });
    if (!symbols_.make(symbols) || !distances_.make(has_matches ? distances : std::span(kNoDistance))) return false;
    steps_.make(symbols_, distances_);
    return true;
  }

  bool make_fixed_codes() {
    std::array<uint8_t, 288> symbols;
    for (unsigned i = 0; i < symbols.size(); ++i) symbols[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    std::array<uint8_t, 32> distances;
    distances.fill(5);
    return make_codes(symbols, distances);
  }

  bool read_codes() {
    constexpr std::array<uint8_t, 19> kOrder{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    const unsigned symbols = in_.take(5) + 257, distances = in_.take(5) + 1, known = in_.take(4) + 4,
                   all = symbols + distances;
    if (symbols > 286 || distances > 30) return false;
    std::array<uint8_t, kOrder.size()> of_lengths{};
    for (unsigned i = 0; i < known; ++i) {
      in_.refill();
      of_lengths[kOrder[i]] = static_cast<uint8_t>(in_.take(3));
    }
    if (!symbols_.make(of_lengths)) return false;
    std::array<uint8_t, 286 + 30> lengths;
    for (unsigned i = 0; i < all;) {
      in_.refill();
      const auto [symbol, bits] = symbols_.find(in_.bits);
      in_.take(bits);
      const unsigned times = symbol < 16    ? 1
                             : symbol == 16 ? 3 + in_.take(2)
                             : symbol == 17 ? 3 + in_.take(3)
                                            : 11 + in_.take(7);
      if (times > all - i || (symbol == 16 && i == 0)) return false;
      const unsigned length = symbol < 16 ? symbol : symbol == 16 ? lengths[i - 1] : 0;
      std::fill_n(lengths.begin() + i, times, static_cast<uint8_t>(length));
      i += times;
    }
    return !in_.is_short &&
           make_codes(std::span(lengths).first(symbols), std::span(lengths).subspan(symbols, distances));
  }

  bool literal(unsigned symbol) {
    if (made_ == room_.size()) return false;
    room_[made_++] = static_cast<std::byte>(symbol);
    return true;
  }

  bool match(unsigned symbol) {
    if (symbol >= kLengthBase.size()) return false;
    const std::size_t size = kLengthBase[symbol] + in_.take(kLengthExtra[symbol]);
    in_.refill();
    const auto [code, length] = distances_.find(in_.bits);
    in_.take(length);
    if (code >= kDistanceBase.size()) return false;
    const std::size_t distance = kDistanceBase[code] + in_.take(kDistanceExtra[code]);
    if (in_.is_short || distance > made_ || size > room_.size() - made_) return false;
    std::byte* const to = &room_[made_];
    if (room_.size() - made_ >= size + kBeyond)
      copy_match(to, distance, size);
    else
      for (std::size_t i = 0; i < size; ++i) to[i] = (to - distance)[i];
    made_ += size;
    return true;
  }

  [[gnu::always_inline]] inline bool run_steps();

  BitSource in_;
  Room room_;
  bool whichever_;
  std::size_t made_ = 0;
  PrefixCode symbols_, distances_;
  Steps steps_;
};

/// Steps, and matches that are none, while there is room for them on both sides; false where one is not sound.
bool Inflation::run_steps() {
  static_assert(3 * Steps::kIndex + 2 * kDistanceExtra.back() <= 64,
                "of all bits two steps are made and a third found");
  constexpr std::size_t kIn = 32;                                     // a turn reads three words of it, 7 bytes apart
  constexpr std::size_t kOut = 2 * Step::kMostBytes + 258 + kBeyond;  // a turn writes less
  if (in_.left() < kIn || room_.size() - made_ < kOut || made_ < Step::kNowhere) return true;
  const std::byte* in = &in_.bytes[in_.next];
  const std::byte* const in_end = in + (in_.left() - kIn);
  std::byte* const out = room_.data();
  const std::size_t out_end = room_.size() - kOut;
  std::size_t made = made_;
  uint64_t bits = in_.bits;
  uint32_t count = in_.count;  // its lowest six bits only
  bool sound = true;

  const auto refill_word = [&] {
    bits |= BitSource::load(in) << (count & 63);
    in += 7 - (count >> 3 & 7);
    count |= 56;
  };
  const auto pass = [&](Step step) {
    bits >>= step.bits();
    count -= static_cast<uint32_t>(step.word);
  };
  const auto make = [&](Step step, uint64_t from) {
    const std::uint16_t literals = step.both();
    std::memcpy(out + made, &literals, sizeof literals);
    const std::size_t to = made + step.literals(), distance = step.distance(from);
    if (distance > to) return false;
    copy16(out + to, out + (to - distance));
    made += step.bytes();
    return true;
  };

  refill_word();
  Step step = steps_[bits];
  for (;;) {
    uint64_t from = bits;
    if (!step.is_odd()) [[likely]] {
      pass(step);
      const Step second = steps_[bits];
      if (!(sound = make(step, from))) break;
      step = second;
      if (!second.is_odd()) [[likely]] {
        from = bits;
        pass(second);
        step = steps_[bits];
        refill_word();
        if (!(sound = make(second, from)) || in > in_end || made > out_end) break;
        continue;
      }
    }
    if (step.bits() == 0) break;
    refill_word();
    from = bits >> step.bits();
    const Step back = steps_.distance_at(from);
    if (back.is_odd()) break;
    const std::size_t length = step.length(bits), distance = back.distance(from);
    if (!(sound = distance <= made)) break;
    pass(step);
    pass(back);
    step = steps_[bits];
    refill_word();
    copy_match(out + made, distance, length);
    made += length;
    if (in > in_end || made > out_end) break;
  }
  in_.next = static_cast<std::size_t>(in - in_.bytes.data());
  in_.bits = bits, in_.count = count & 63;
  made_ = made;
  return sound;
}

bool run_baseline(Inflation& inflation) { return inflation.run(); }
#if defined(__x86_64__)
__attribute__((target("bmi,bmi2"))) bool run_bmi2(Inflation& inflation) { return inflation.run(); }
const auto run_function = __builtin_cpu_supports("bmi2") ? run_bmi2 : run_baseline;
#else
const auto run_function = run_baseline;
#endif

}  // namespace

std::optional<std::size_t> inflate_sound(Bytes stored, Room room, bool whichever) {
  if (stored.size() < (whichever ? 2 : kShort)) return {};
  return Inflation(stored, room, whichever).all(run_function);
}

}  // namespace headrace::hdf5
