#include <headrace/io/csv/rows_reader.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <headrace/io/csv/numbers.hpp>
#include <headrace/io/csv/types.hpp>
#include <headrace/io/utf8.hpp>

namespace headrace::csv {

namespace {

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool is_ascii(std::string_view text) {
  const char *at = text.data(), *const end = at + text.size();
  std::uint64_t all = 0;
  for (; end - at >= 8; at += 8) all |= word_at(at);
  for (; at < end; ++at) all |= everywhere(*at);
  return (all & everywhere('\x80')) == 0;
}

/// It is sure that a float comes of the double as of the number that it was rounded from: it lies not in the middle
/// between two, which it may where the floats next to it have all their bits.
bool rounds_once(double value) {
  const double size = std::abs(value);
  const bool common = size == 0 || (size >= std::numeric_limits<float>::min() && size < 3e38);
  return common && (std::bit_cast<std::uint64_t>(value) & 0x1FFFFFFF) != 0x10000000;
}

}  // namespace

RowsReader::Way RowsReader::way_of(DType dtype) {
  if (dtype == int64) return Way::integer;
  if (dtype == float64) return Way::real;
  if (dtype == float32) return Way::single;
  return dtype.variable_length() ? Way::text : Way::other;
}

RowsReader::RowsReader(const Reading& reading, const Table& table, const records::Block& block, Capture capture)
    : reading_(reading),
      table_(table),
      block_(block),
      capture_(std::move(capture)),
      scanner_(reading.dialect, block.offset == 0 ? without_mark(block.bytes) : block.bytes),
      zeros_(block.bytes.find('\0') != block.bytes.npos),
      missing_first_(holds_numbers(reading.missing)),
      targets_(table.names.size()),
      copies_size_(block.bytes.size()),
      counted_to_(block.bytes.data()),
      line_(block.line) {
  bool texts = false;
  for (const Column& column : table.columns) {
    Target& target = targets_[column.field];
    target.column = &column;
    target.way = way_of(column.dtype);
    if (missing_first_ && target.way != Way::text) target.way = Way::other;
    target.filler = copies_size_;
    if (target.way != Way::text) continue;
    texts = true;
    copies_size_ += column.filler.value_or("").size();
  }
  ascii_ = texts && is_ascii(block.bytes);
}

/// For all records that there can be; only many that are too short need more later.
void RowsReader::make_room() {
  const auto bytes = static_cast<std::int64_t>(block_.bytes.size()),
             fields = static_cast<std::int64_t>(targets_.size());
  capacity_ = capacity_ > 0 ? 2 * capacity_ : std::min(records::count_lines(block_.bytes), bytes / fields) + 1;
  for (Target& target : targets_) {
    if (target.way == Way::skip) continue;
    Tensor more = Tensor::empty(target.column->dtype, {capacity_});
    if (count_ > 0)
      std::memcpy(more.mutable_data(), target.data, static_cast<std::size_t>(count_ * more.dtype().itemsize()));
    target.values = std::move(more);
    target.data = target.values.mutable_data();
  }
}

Rows RowsReader::read() {
  const char* const first = block_.offset == 0 ? first_row(reading_, scanner_) : scanner_.begin();
  for (const char* at = scanner_.record(first); at < scanner_.end(); at = scanner_.record(at)) {
    if (count_ == capacity_) make_room();
    at = row(at);
    ++count_;
  }
  Rows rows = Rows::of_columns(table_.structure, {}, count_);
  if (count_ == 0) return rows;
  for (const Column& column : table_.columns) {
    Target& target = targets_[column.field];
    if (target.way == Way::text) finish_texts(target);
    rows.columns.push_back(target.values.rows(0, count_));
  }
  rows.failures = std::move(failures_);
  return rows;
}

const char* RowsReader::row(const char* begin) {
  const char* next = value(targets_[0], begin);
  for (std::size_t i = 1; next && i < targets_.size(); ++i)
    next = scanner_.is_delimiter(next) ? value(targets_[i], next + 1) : nullptr;
  if (!next || scanner_.is_delimiter(next)) return fail(begin);
  if (zeros_ && std::memchr(begin, 0, static_cast<std::size_t>(next - begin))) return fail(begin);
  return scanner_.after_line(next);
}

[[gnu::always_inline]] inline bool RowsReader::is_end(const char* next) const {
  if (!next || next == scanner_.end()) return next;
  return scanner_.separates(*next) && (*next != '\r' || (next + 1 < scanner_.end() && next[1] == '\n'));
}

/// Reads the field at `at` into the next row. Its end, or nullptr where it is not as it must be.
const char* RowsReader::value(Target& target, const char* at) {
  const auto put = [&](auto number) { reinterpret_cast<decltype(number)*>(target.data)[count_] = number; };
  switch (target.way) {
    case Way::skip: {
      const Field field = scanner_.field(at);
      return field.wrong == Wrong::nothing ? field.next : nullptr;
    }
    case Way::integer: {
      const auto quick = quick_integer(at, scanner_.end());
      if (!is_end(quick.end)) break;
      put(quick.value);
      return quick.end;
    }
    case Way::real: {
      const auto quick = quick_real(at, scanner_.end());
      if (!is_end(quick.end)) break;
      put(quick.value);
      return quick.end;
    }
    case Way::single: {
      const auto quick = quick_real(at, scanner_.end());
      if (!is_end(quick.end) || !rounds_once(quick.value)) break;
      put(static_cast<float>(quick.value));
      return quick.end;
    }
    case Way::text:
      return text_value(target, at);
    case Way::other:
      break;
  }
  return other_value(target, at);
}

const char* RowsReader::other_value(Target& target, const char* at) {
  const Field field = scanner_.field(at);
  if (field.wrong != Wrong::nothing) return nullptr;
  const DType dtype = target.column->dtype;
  std::byte* const to = target.data + count_ * dtype.itemsize();
  const bool missing = missing_first_ && is_missing(field.text(), reading_.missing);
  if (!missing && parse(field.text(), dtype, to)) return field.next;
  if (!missing && !is_missing(field.text(), reading_.missing)) return nullptr;
  if (target.column->filler) return parse(*target.column->filler, dtype, to) ? field.next : nullptr;
  return parse("nan", dtype, to) ? field.next : nullptr;  // only real numbers have it
}

const char* RowsReader::text_value(Target& target, const char* at) {
  const Field field = scanner_.field(at);
  if (field.wrong != Wrong::nothing) return nullptr;
  const std::string_view text = field.text();
  if (!ascii_ && target.column->dtype == headrace::text && !is_utf8(text)) return nullptr;
  std::string_view kept = text;
  if (field.doubled) {
    const std::string plain = unescaped(text, reading_.dialect.quote);
    char* const to = copies(target) + (text.data() - block_.bytes.data());
    std::memcpy(to, plain.data(), plain.size());
    kept = {to, plain.size()};
  } else if (text.empty() && target.column->filler) {
    kept = {copies(target) + target.filler, target.column->filler->size()};
  }
  reinterpret_cast<Text*>(target.data)[count_] = {kept.data(), static_cast<std::int64_t>(kept.size())};
  return field.next;
}

/// Where this column's texts go that do not lie in the block as they are; its others will have to follow.
char* RowsReader::copies(Target& target) {
  target.copied = true;
  if (!copies_) {
    copies_ = Buffer::allocate(copies_size_);
    for (const Target& other : targets_) {
      if (other.way == Way::text && other.column->filler)
        other.column->filler->copy(reinterpret_cast<char*>(copies_.data()) + other.filler, std::string::npos);
    }
  }
  return reinterpret_cast<char*>(copies_.data());
}

void RowsReader::finish_texts(Target& target) {
  target.values.set_heap(target.copied ? copies_ : block_.buffer);
  if (!target.copied) return;
  const auto inside = [&](const char* data) { return data >= scanner_.begin() && data < scanner_.end(); };
  auto* const texts = reinterpret_cast<Text*>(target.data);
  for (Text* text = texts; text < texts + count_; ++text) {
    if (!inside(text->data)) continue;
    char* const to = copies(target) + (text->data - block_.bytes.data());
    std::memcpy(to, text->data, static_cast<std::size_t>(text->size));
    text->data = to;
  }
}

}  // namespace headrace::csv
