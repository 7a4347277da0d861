#include <headrace/io/hdf5/steps.hpp>

#include <algorithm>

namespace headrace::hdf5 {

namespace {

using std::uint64_t;

constexpr uint64_t kOdd = uint64_t{1} << 63 | uint64_t{63} << 48;  // with so many bits before it nothing takes it in

uint64_t code(unsigned length) { return length | uint64_t{length} << 48; }

uint64_t literal(uint64_t value, unsigned length) {
  return code(length) | 1U << 6 | 1U << 8 | value << 16 | value << 24 | uint64_t{Step::kNowhere} << 32;
}

bool fits(Step step) { return step.code_bits() <= Steps::kIndex; }

/// Without a branch: nobody could guess it.
uint64_t either(bool which, uint64_t yes, uint64_t no) { return no ^ ((yes ^ no) & -uint64_t{which}); }

/// Sets what begins with the `length` bits `bits`: to step(j) what goes on with j.
template <class MakeStep>
void fill(std::span<uint64_t> steps, unsigned length, unsigned bits, const MakeStep& step) {
  for (std::size_t i = bits, j = 0; i < steps.size(); i += std::size_t{1} << length, ++j) steps[i] = step(j);
}

void fill_with(std::span<uint64_t> steps, unsigned length, unsigned bits, uint64_t step) {
  fill(steps, length, bits, [step](std::size_t) { return step; });
}

}  // namespace

void Steps::make_distances(const PrefixCode& distances) {
  distances_.fill(kOdd);
  distances.each(kDistanceIndex, [&](unsigned symbol, unsigned length, unsigned bits) {
    if (symbol >= kDistanceBase.size()) return;
    const uint64_t extra = kDistanceExtra[symbol], base = kDistanceBase[symbol];
    fill_with(distances_, length, bits, (code(length) + extra) | base << 32 | extra << 56);
  });
}

/// Single steps, as far as the shortest literal leaves bits for them.
void Steps::make_behind(const PrefixCode& symbols) {
  unsigned shortest = kIndex;
  symbols.each(kIndex, [&](unsigned symbol, unsigned length, unsigned) {
    if (symbol < kEnd) shortest = std::min(shortest, length);
  });
  const auto behind = std::span(behind_).first(std::size_t{1} << (kIndex - shortest));
  std::ranges::fill(behind, kOdd);
  symbols.each(kIndex - shortest, [&](unsigned symbol, unsigned length, unsigned bits) {
    if (symbol < kEnd)
      fill_with(behind, length, bits, literal(symbol, length));
    else if (symbol > kEnd)
      fill_match(behind, symbol, length, bits);
  });
}

/// A literal takes in the step behind it, where the index has all bits of that one's codes, too.
void Steps::fill_literal(unsigned symbol, unsigned length, unsigned bits) {
  constexpr uint64_t kFirst = uint64_t{0xff} << 16, kSecond = uint64_t{0xff} << 24, kBack = uint64_t{0xffff} << 32;
  const uint64_t alone = literal(symbol, length), ours = alone & ~(kSecond | kBack);
  fill(steps_, length, bits, [&](std::size_t j) {
    const uint64_t joint = ours + (behind_[j] & ~kFirst);
    return either(fits({joint}), joint, alone);
  });
}

void Steps::fill_match(std::span<uint64_t> steps, unsigned symbol, unsigned length, unsigned bits) {
  const std::size_t which = symbol - kLengths;
  if (which >= kLengthBase.size()) return fill_with(steps, length, bits, kOdd);
  const uint64_t extra = kLengthExtra[which], base = kLengthBase[which];
  const uint64_t half = kOdd | (length + extra) | length << 8 | base << 16 | extra << 32;
  if (extra > 0 || base > Step::kMostMatch) return fill_with(steps, length, bits, half);
  const uint64_t ours = code(length) | base << 8;
  fill(steps, length, bits, [&](std::size_t j) {
    const Step step{distance_at(j).word + ours};
    return either(fits(step) & (step.base() >= base), step.word, half);  // copied at once, so nothing of its own
  });
}

void Steps::make(const PrefixCode& symbols, const PrefixCode& distances) {
  make_distances(distances);
  make_behind(symbols);
  symbols.each(PrefixCode::kMostBits, [&](unsigned symbol, unsigned length, unsigned bits) {
    if (length > kIndex)
      steps_[bits % steps_.size()] = kOdd;
    else if (symbol < kEnd)
      fill_literal(symbol, length, bits);
    else if (symbol == kEnd)
      fill_with(steps_, length, bits, kOdd);
    else
      fill_match(steps_, symbol, length, bits);
  });
}

}  // namespace headrace::hdf5
