#include <headrace/pipeline/cursor.hpp>

#include <algorithm>

namespace headrace {

namespace {
constexpr std::int64_t kSkipBlock = 256;
}

std::int64_t Cursor::skip(std::int64_t n) {
  std::int64_t skipped = 0;
  while (skipped < n) {
    const RowView rows = peek(std::min(n - skipped, kSkipBlock));
    if (rows.empty()) break;
    take(rows.count);
    skipped += rows.count;
  }
  return skipped;
}

void Cursor::restore(MarkReader& in) {
  do_restore(in);
  while (in.next_is("ahead")) {
    const std::int64_t ahead = in.get_count("ahead");
    require(skip(ahead) == ahead, "state", "it stands ", ahead,
            " elements further than this plan goes; the state is damaged or the data has changed");
  }
}

RowView FillingCursor::peek(std::int64_t want) {
  if (offset_ == block_.count) {
    if (!filling_) {
      before_.clear();
      mark_here(before_);
      filling_ = true;
    }
    block_ = fill(want);
    offset_ = 0;
    filling_ = false;
  }
  return {&block_, offset_, std::min(want, block_.count - offset_)};
}

void FillingCursor::take(std::int64_t n) {
  taken({&block_, offset_, n});
  offset_ += n;
}

std::int64_t FillingCursor::skip(std::int64_t n) {
  const std::int64_t here = std::min(n, block_.count - offset_);
  if (here > 0) take(here);
  if (here == n) return n;
  return here + (filling_ ? Cursor::skip(n - here) : skip_blocks(n - here));
}

void FillingCursor::mark(Mark& out) const {
  const bool inside = filling_ || offset_ < block_.count;
  if (!inside) {
    mark_here(out);
    return;
  }
  out.append(before_);
  if (offset_ > 0 && !filling_) out.put("ahead", offset_);
}

}  // namespace headrace
