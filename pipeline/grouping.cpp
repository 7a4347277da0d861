#include <headrace/pipeline/grouping.hpp>

#include <algorithm>
#include <charconv>
#include <map>

#include <headrace/pipeline/inner_cursor.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

namespace {

constexpr std::int64_t kAnchorPeriod = 64;

/// The places of held elements: for each group its key, how many, and each place; the group being given comes first.
class HeldPlaces final : public MarkData {
 public:
  void put(std::int64_t number) { numbers_.push_back(number); }
  std::string to_text() const override {
    std::string text;
    for (const std::int64_t number : numbers_) text += (text.empty() ? "" : " ") + std::to_string(number);
    return text;
  }

 private:
  std::vector<std::int64_t> numbers_;
};

/// Reads such a text back.
class PlacesReader {
 public:
  explicit PlacesReader(const std::string& text) : at_(text.data()), end_(at_ + text.size()) {}
  bool at_end() const { return at_ == end_; }
  std::int64_t next() {
    if (at_ != end_ && *at_ == ' ') ++at_;
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(at_, end_, number);
    require(error == std::errc{}, "state", "'held' must be numbers, got something else; the state is damaged");
    at_ = stop;
    return number;
  }

 private:
  const char* at_;
  const char* end_;
};

/// Mark: upstream's at an anchor, "anchor", "inputs", "groups" (given so far), "giving" (1 while one is), "held", and
/// then, while giving, that group's own mark; "close".
class GroupingCursor final : public FillingCursor {
 public:
  GroupingCursor(const GroupingNode& node, const Context& context)
      : node_(node),
        context_(context.run, context.epoch),
        cell_(context.run.ledger().cell(node)),
        one_by_one_(node.reads_inline()),
        upstream_(open(node.up(), context)) {}

 protected:
  Rows fill(std::int64_t want) override;
  void mark_here(Mark& out) const override;
  void taken(const RowView& rows) override;
  void do_restore(MarkReader& in) override;

 private:
  using Group = GroupingNode::Group;
  struct Anchor {
    std::int64_t ordinal = 0;
    Mark mark;
  };
  struct Anchored {
    Group group;
    Anchor anchor;  // not after its first member
  };

  using Groups = std::map<std::int64_t, Anchored>;

  void count() { context_.run.ledger().add(node_, cell_, std::exchange(pending_, {})); }
  bool give(Groups::iterator place, Rows& failed);
  Rows read_one();
  Rows hold(const RowView& row);
  Groups::iterator join(const GroupingNode::Placed& placed, Element element);
  void set_anchor();
  void read_to(std::int64_t ordinal);
  void restore_groups(MarkReader& in, std::int64_t inputs, bool giving);

  const GroupingNode& node_;
  Context context_;
  Account& cell_;
  bool one_by_one_;
  std::unique_ptr<Cursor> upstream_;
  RowView shown_;  // upstream's rows, not yet taken
  Groups groups_;
  Anchored giving_;
  std::unique_ptr<Cursor> given_;  // what giving_ became
  Anchor newest_;
  std::int64_t read_ = 0;
  std::int64_t given_count_ = 0;
  bool ended_ = false;
  Account pending_;
};

Rows GroupingCursor::fill(std::int64_t want) {
  Rows rows;
  for (;;) {
    if (given_) {
      const RowView view = given_->peek(want);
      if (!view.empty()) {
        rows = view.share();
        given_->take(view.count);
        leave_inner(rows, node_);
        return rows;
      }
      given_.reset();
      giving_ = {};
    }
    if (!ended_) {
      rows = read_one();
    } else if (!groups_.empty()) {
      give(groups_.begin(), rows);
    } else {
      count();
      return {};
    }
    if (rows.count > 0) return rows;
  }
}

/// `place`'s group begins to be given; where that fails, its error is put in `failed`.
bool GroupingCursor::give(Groups::iterator place, Rows& failed) {
  Group& group = place->second.group;
  const auto members = static_cast<std::int64_t>(group.members.size());
  FailurePtr failure;
  try {
    given_ = node_.given(context_, group, given_count_);
  } catch (...) {
    failure = capture_failure(node_, given_count_);
  }
  ++given_count_;
  (failure || !given_ ? pending_.dropped : pending_.used) += members;
  giving_ = std::move(place->second);
  groups_.erase(place);
  if (given_) return true;
  giving_ = {};
  if (failure)
    failed = Rows::of_list(
        {Outcome{{}, std::make_shared<const Failure>(Failure{failure->error, failure->notes, {{&node_, 0, 0}}})}});
  return false;
}

void GroupingCursor::set_anchor() {
  if (read_ % kAnchorPeriod != 0 || (newest_.ordinal == read_ && read_ > 0)) return;
  newest_ = {read_, {}};
  upstream_->mark(newest_.mark);
}

/// One more input: an error is a row of its own, all else is held.
Rows GroupingCursor::read_one() {
  if (shown_.empty()) {
    set_anchor();
    shown_ = upstream_->peek(one_by_one_ ? 1 : kAnchorPeriod - read_ % kAnchorPeriod);
    if (shown_.empty()) {
      ended_ = true;
      return {};
    }
  }
  Rows rows = hold(shown_.first(1));
  shown_ = shown_.without_first(1);
  upstream_->take(1);
  ++read_;
  ++pending_.in;
  return rows;
}

Rows GroupingCursor::hold(const RowView& row) {
  FailurePtr failure = row.failure(0);
  if (!failure) {
    try {
      Element of_block;
      if (row.rows->stacked) of_block = row.element(0);
      const Element& element =
          row.rows->stacked ? of_block : row.rows->list[static_cast<std::size_t>(row.begin)].element;
      const GroupingNode::Placed placed = node_.place(element);
      Rows failed;
      const auto found = groups_.find(placed.key);
      if (found != groups_.end() && node_.ends_before(found->second.group, placed.length)) {
        give(found, failed);
        join(placed, element);
        return failed;
      }
      const auto joined = join(placed, element);
      const Group& group = joined->second.group;
      if (static_cast<std::int64_t>(group.members.size()) >= group.size) give(joined, failed);
      return failed;
    } catch (...) {
      failure = capture_failure(node_, read_);
    }
  }
  ++pending_.failed;
  return Rows::of_list({Outcome{{}, with_adjustment(*failure, {&node_, 0, 0})}});
}

GroupingCursor::Groups::iterator GroupingCursor::join(const GroupingNode::Placed& placed, Element element) {
  auto place = groups_.find(placed.key);
  if (place == groups_.end()) {
    Anchored fresh{{placed.key, {}, {}, 0, node_.size_of(placed.key)}, newest_};
    place = groups_.emplace(placed.key, std::move(fresh)).first;
  }
  Group& group = place->second.group;
  group.members.push_back({to_keep(std::move(element)), nullptr});
  group.ordinals.push_back(read_);
  group.longest = std::max(group.longest, placed.length);
  return place;
}

void GroupingCursor::taken(const RowView& rows) {
  for (std::int64_t i = 0; i < rows.count; ++i) pending_.outputs += rows.failure(i) == nullptr;
  pending_.bytes += rows.nbytes();
  count();
}

void GroupingCursor::mark_here(Mark& out) const {
  const Anchor* oldest = nullptr;
  auto held = std::make_shared<HeldPlaces>();
  const auto put = [&](const Anchored& anchored) {
    if (!oldest || anchored.anchor.ordinal < oldest->ordinal) oldest = &anchored.anchor;
    held->put(anchored.group.key);
    held->put(static_cast<std::int64_t>(anchored.group.ordinals.size()));
    for (const std::int64_t ordinal : anchored.group.ordinals) held->put(ordinal);
  };
  if (given_) put(giving_);
  for (const auto& [key, anchored] : groups_) put(anchored);
  if (oldest)
    out.append(oldest->mark);
  else
    upstream_->mark(out);
  out.put("anchor", oldest ? oldest->ordinal : read_);
  out.put("inputs", read_);
  out.put("groups", given_count_);
  out.put("giving", given_ != nullptr);
  out.put_data("held", std::move(held));
  if (given_) given_->mark(out);
  out.put("close", 0);
}

void GroupingCursor::read_to(std::int64_t ordinal) {
  require(ordinal >= read_ && upstream_->skip(ordinal - read_) == ordinal - read_, "state",
          "it stands further than this plan goes; the state is damaged or the data has changed");
  read_ = ordinal;
}

/// Reads the held elements again, in the order of their places.
void GroupingCursor::restore_groups(MarkReader& in, std::int64_t inputs, bool giving) {
  PlacesReader held(in.get_data("held"));
  std::vector<std::pair<std::int64_t, Group*>> places;
  bool first = giving;
  while (!held.at_end()) {
    const std::int64_t key = held.next();
    Group& group = first ? giving_.group : groups_[key].group;
    group.key = key;
    const std::int64_t members = held.next();
    for (std::int64_t i = 0; i < members; ++i) places.emplace_back(held.next(), &group);
    group.size = node_.size_of(key);
    first = false;
  }
  std::sort(places.begin(), places.end());
  newest_ = {read_, {}};
  upstream_->mark(newest_.mark);
  for (const auto& [ordinal, group] : places) {
    const std::int64_t anchor = ordinal / kAnchorPeriod * kAnchorPeriod;
    if (anchor > read_) read_to(anchor), set_anchor();
    read_to(ordinal);
    const RowView row = upstream_->peek(1);
    require(!row.empty() && !row.failure(0) && ordinal < inputs, "state",
            "an element that it holds is no longer there; the state is damaged or the data has changed");
    if (group->members.empty()) (group == &giving_.group ? giving_ : groups_[group->key]).anchor = newest_;
    group->members.push_back({to_keep(row.element(0)), nullptr});
    group->ordinals.push_back(ordinal);
    group->longest = std::max(group->longest, node_.place(row.element(0)).length);
    upstream_->take(1);
    ++read_;
  }
  const std::int64_t anchor = inputs / kAnchorPeriod * kAnchorPeriod;
  if (anchor > read_) read_to(anchor), set_anchor();
  read_to(inputs);
}

void GroupingCursor::do_restore(MarkReader& in) {
  upstream_->restore(in);
  read_ = in.get_count("anchor");
  const std::int64_t inputs = in.get_count("inputs");
  given_count_ = in.get_count("groups");
  const bool giving = in.get("giving", 0, 1) != 0;
  restore_groups(in, inputs, giving);
  for (const auto& [key, anchored] : groups_) pending_.in += static_cast<std::int64_t>(anchored.group.members.size());
  count();
  if (giving) {
    given_ = node_.given(context_, giving_.group, given_count_ - 1);
    require(given_ != nullptr, "state", "a group that it gives is no longer there; the state is damaged");
    given_->restore(in);
  }
  in.get("close", 0, 0);
}

}  // namespace

std::int64_t GroupingNode::cardinality() const { return up().cardinality() == 0 ? 0 : kUnknown; }

std::unique_ptr<Cursor> GroupingNode::open_stream(const Context& context) const {
  return std::make_unique<GroupingCursor>(*this, context);
}

}  // namespace headrace
