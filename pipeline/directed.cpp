#include <headrace/pipeline/directed.hpp>

#include <algorithm>

#include <headrace/pipeline/host.hpp>

namespace headrace {

namespace {

/// Rows of one dataset in a row from which on they are shown as they are.
constexpr std::size_t kLongRun = 32;

std::size_t run_length(std::span<const std::int64_t> choices) {
  std::size_t n = 1;
  while (n < choices.size() && choices[n] == choices[0]) ++n;
  return n;
}

bool small(const Rows& rows) {
  return rows.stacked && rows.nbytes() <= kSmallElement * std::max<std::int64_t>(rows.count, 1);
}

}  // namespace

DirectedCursor::DirectedCursor(const Node& node, const Context& context, std::size_t parts,
                               std::unique_ptr<Chooser> chooser, bool stop_on_empty)
    : node_(node),
      run_(context.run),
      epoch_(context.epoch),
      passed_(node, context.run),
      chooser_(std::move(chooser)),
      stop_on_empty_(stop_on_empty),
      one_by_one_(node.reads_inline()),
      parts_(parts),
      empty_(parts),
      counts_(parts),
      left_(parts) {
  if (const auto spec = node.spec()) structure_ = spec->structure;
}

Cursor& DirectedCursor::part(std::int64_t i) {
  auto& cursor = parts_[static_cast<std::size_t>(i)];
  if (!cursor) cursor = open(*node_.upstream()[static_cast<std::size_t>(i)], {run_, epoch_});
  return *cursor;
}

/// The next choice is dataset i, and that has no more.
void DirectedCursor::find_empty(std::int64_t i) {
  if (!empty_[static_cast<std::size_t>(i)]) {
    empty_[static_cast<std::size_t>(i)] = true;
    --left_;
  }
  ended_ = stop_on_empty_ || left_ == 0;
  if (ended_ || chooser_->chooses_again(i)) return;
  chooser_->take(1);
  Account account;
  account.in = account.filtered = 1;
  passed_.add(account);
}

RowView DirectedCursor::peek(std::int64_t want) {
  for (int tries = 1; !ended_; ++tries) {
    if (offset_ < block_.count) return shown_ = {&block_, offset_, std::min(want, block_.count - offset_)};
    const Choices choices = chooser_->peek(one_by_one_ ? 1 : want);
    if (choices.empty()) return {};
    const std::size_t run = run_length(choices);
    const std::int64_t first = choices[0];
    const bool open = first >= 0 && !empty_[static_cast<std::size_t>(first)];
    direct_ = open && (run == choices.size() || run >= kLongRun);
    if (direct_) {
      shown_ = part(first).peek(static_cast<std::int64_t>(run)).first(static_cast<std::int64_t>(run));
      sources_.assign(1, first);
      if (!shown_.empty()) return shown_;
    } else if (open || first < 0) {
      make_block(choices);
      if (block_.count > 0) continue;
    }
    find_empty(first);
    if (tries % 16 == 0) Host::current().poll();
  }
  return {};
}

/// Rows of several datasets, up to the first that is not there yet.
void DirectedCursor::make_block(const Choices& choices) {
  std::vector<std::vector<std::int64_t>> places(parts_.size() + 1);  // in the block; the last: failed choices
  const auto of = [&](std::int64_t i) -> auto& { return places[i < 0 ? parts_.size() : static_cast<std::size_t>(i)]; };
  std::vector<std::int64_t> used;
  for (const std::int64_t i : choices) {
    auto& count = of(i);
    if (count.empty()) used.push_back(i);
    count.push_back(0);
  }
  std::vector<RowView> views(places.size());
  for (const std::int64_t i : used) {
    const auto n = static_cast<std::int64_t>(of(i).size());
    if (i >= 0 && !empty_[static_cast<std::size_t>(i)]) views[static_cast<std::size_t>(i)] = part(i).peek(n).first(n);
    of(i).clear();
  }
  std::int64_t count = 0;
  std::vector<Outcome> failed;
  for (const std::int64_t i : choices) {
    auto& place = of(i);
    if (i >= 0 && static_cast<std::int64_t>(place.size()) == views[static_cast<std::size_t>(i)].count) break;
    if (i < 0) failed.push_back({{}, chooser_->failure(count)});
    place.push_back(count++);
  }
  std::vector<Rows> rows;
  std::vector<std::vector<std::int64_t>> filled;
  for (const std::int64_t i : used) {
    if (of(i).empty()) continue;
    const auto n = static_cast<std::int64_t>(of(i).size());
    rows.push_back(i < 0 ? Rows::of_list(std::move(failed))
                         : as_known(views[static_cast<std::size_t>(i)].first(n).share()));
    filled.push_back(std::move(of(i)));
  }
  Rows block = merged(rows, filled, count);
  sources_.assign(choices.begin(), choices.begin() + count);
  block_ = std::move(block);
  offset_ = 0;
}

/// Small rows are stacked, others stay where they are.
Rows DirectedCursor::merged(const std::vector<Rows>& rows, const std::vector<std::vector<std::int64_t>>& places,
                            std::int64_t count) {
  if (count == 0) return {};
  std::vector<Positions> to;
  for (const auto& list : places) to.push_back(Positions::of(list.data(), static_cast<std::int64_t>(list.size())));
  return std::all_of(rows.begin(), rows.end(), small) ? scatter_rows(rows, to, count)
                                                      : scatter_as_list(rows, to, count);
}

/// With the one structure object that all share, by which blocks are seen to fit each other.
Rows DirectedCursor::as_known(Rows rows) const {
  const bool same = structure_ && rows.stacked && rows.structure != structure_ &&
                    rows.structure->same_as(*structure_) && structure_->leaf_order_in(*rows.structure).empty();
  if (same) rows.structure = structure_;
  return rows;
}

void DirectedCursor::take(std::int64_t n) {
  passed_.count(shown_.first(n));
  shown_ = shown_.without_first(n);
  chooser_->take(n);
  if (direct_) {
    part(sources_.front()).take(n);
    return;
  }
  Choices sources = Choices(sources_).subspan(static_cast<std::size_t>(offset_), static_cast<std::size_t>(n));
  offset_ += n;
  if (sources.size() <= parts_.size()) {
    for (const std::int64_t i : sources) {
      if (i >= 0) part(i).take(1);
    }
    return;
  }
  for (const std::int64_t i : sources) {
    if (i >= 0) ++counts_[static_cast<std::size_t>(i)];
  }
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (const std::int64_t used = std::exchange(counts_[i], 0); used > 0) parts_[i]->take(used);
  }
}

std::int64_t DirectedCursor::skip(std::int64_t n) {
  constexpr std::int64_t kBlock = 256;
  std::int64_t skipped = 0;
  if (const std::int64_t here = std::min(n, block_.count - offset_); here > 0) {
    peek(here);
    take(here);
    skipped = here;
  }
  while (skipped < n && !ended_) {
    const Choices choices = chooser_->peek(std::min(n - skipped, kBlock));
    if (choices.empty()) break;
    const std::int64_t first = choices[0];
    const auto run = static_cast<std::int64_t>(run_length(choices));
    const bool empty = first >= 0 && empty_[static_cast<std::size_t>(first)];
    const std::int64_t here = first < 0 ? run : empty ? 0 : part(first).skip(run);
    if (here > 0) chooser_->take(here);
    skipped += here;
    if (here < run) find_empty(first);
  }
  return skipped;
}

void DirectedCursor::mark(Mark& out) const {
  chooser_->mark(out);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (empty_[i]) out.put("empty", static_cast<std::int64_t>(i));
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i]) continue;
    out.put("part", static_cast<std::int64_t>(i));
    parts_[i]->mark(out);
  }
  out.put("close", 0);
}

void DirectedCursor::do_restore(MarkReader& in) {
  chooser_->restore(in);
  const auto last = static_cast<std::int64_t>(parts_.size()) - 1;
  while (in.next_is("empty")) {
    const std::int64_t i = in.get("empty", 0, last);
    require(!empty_[static_cast<std::size_t>(i)], "state", "'empty' names dataset ", i, " twice; the state is damaged");
    empty_[static_cast<std::size_t>(i)] = true;
    --left_;
    chooser_->chooses_again(i);
  }
  ended_ = left_ == 0 || (stop_on_empty_ && left_ < parts_.size());
  while (in.next_is("part")) part(in.get("part", 0, last)).restore(in);
  in.get("close", 0, 0);
}

}  // namespace headrace
