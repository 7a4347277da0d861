#include <headrace/pipeline/grouping.hpp>

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>

#include <headrace/pipeline/grouping_input.hpp>
#include <headrace/pipeline/inner_cursor.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

namespace {

/// The places of held elements: for each group its key, how many, and each place; the group being given comes first.
class HeldPlaces final : public MarkData {
 public:
  void put(const GroupingNode::Group& group) {
    numbers_.push_back(group.key);
    numbers_.push_back(group.count());
    numbers_.insert(numbers_.end(), group.ordinals.begin(), group.ordinals.end());
  }
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

/// Mark: "groups" (given so far), "giving" (1 while one is), "held", the input's, and then, while giving, that group's
/// own; "close".
class GroupingCursor final : public FillingCursor {
 public:
  GroupingCursor(const GroupingNode& node, const Context& context)
      : node_(node),
        context_(context.run, context.epoch),
        cell_(context.run.ledger().cell(node)),
        input_(open_grouping_input(node, context_)) {}

 protected:
  Rows fill(std::int64_t want) override;
  void mark_here(Mark& out) const override;
  void taken(const RowView& rows) override;
  void do_restore(MarkReader& in) override;

 private:
  using Group = GroupingNode::Group;
  using Groups = std::map<std::int64_t, Group>;

  void count();
  Rows give(Group& group);
  Rows read_one();
  Group& group_for(const GroupingNode::Placed& placed);

  const GroupingNode& node_;
  Context context_;
  Account& cell_;
  std::unique_ptr<GroupingInput> input_;
  Groups groups_;
  std::deque<Group> due_;  // to be given before more is read
  Group giving_;
  std::unique_ptr<Cursor> given_;  // what giving_ became
  std::int64_t given_count_ = 0;
  bool ended_ = false;
  std::int64_t counted_ = 0;  // of the input
  Account pending_;
};

void GroupingCursor::count() {
  pending_.in += input_->taken() - std::exchange(counted_, input_->taken());
  input_->count();
  context_.run.ledger().add(node_, cell_, std::exchange(pending_, {}));
}

Rows GroupingCursor::fill(std::int64_t want) {
  Rows rows;
  for (;;) {
    if (given_) {
      const RowView view = given_->peek(want);
      if (!view.empty()) {
        rows = view.share();
        given_->take(view.count);
        leave_inner(rows, node_);
        break;
      }
      given_.reset();
      giving_ = {};
    }
    if (!due_.empty()) {
      rows = give(due_.front());
      due_.pop_front();
    } else if (!ended_) {
      rows = read_one();
    } else if (!groups_.empty()) {
      rows = give(groups_.begin()->second);
      groups_.erase(groups_.begin());
    } else {
      break;
    }
    if (rows.count > 0) break;
  }
  count();  // what was read for these rows is taken from the input, whether or not they are taken from here
  return rows;
}

/// The group begins to be given; where that fails, its error is a row.
Rows GroupingCursor::give(Group& group) {
  const std::int64_t members = group.count();
  FailurePtr failure;
  try {
    given_ = node_.given(context_, group, given_count_);  // an Interrupt leaves the group as it is
  } catch (...) {
    failure = capture_failure(node_, given_count_);
  }
  ++given_count_;
  (given_ ? pending_.used : pending_.dropped) += members;
  if (given_) giving_ = std::move(group);
  if (!failure) return {};
  Rows failed = Rows::of_list({Outcome{{}, std::move(failure)}});
  leave_inner(failed, node_);
  return failed;
}

/// One more input: an error is a row of its own, all else joins its group.
Rows GroupingCursor::read_one() {
  if (!input_->peek()) {
    ended_ = true;
    return {};
  }
  FailurePtr failure = input_->failure();
  Group* group = nullptr;
  if (!failure) {
    try {
      group = &group_for(input_->placed());
    } catch (...) {
      failure = capture_failure(node_, input_->taken());
    }
  }
  input_->take(group);
  if (!failure) {
    if (group->count() >= group->size) due_.push_back(std::move(groups_.extract(group->key).mapped()));
    return {};
  }
  ++pending_.failed;
  return Rows::of_list({Outcome{{}, with_adjustment(*failure, {&node_, 0, 0})}});
}

/// The group that an element is to join: a new one, where the one of its key is to be given before.
GroupingNode::Group& GroupingCursor::group_for(const GroupingNode::Placed& placed) {
  const auto place = groups_.find(placed.key);
  if (place != groups_.end() && !node_.ends_before(place->second, placed.length)) return place->second;
  Group fresh;
  fresh.key = placed.key;
  fresh.size = place == groups_.end() ? node_.size_of(placed.key) : place->second.size;
  if (place == groups_.end()) return groups_.emplace(placed.key, std::move(fresh)).first->second;
  due_.push_back(std::exchange(place->second, std::move(fresh)));
  return place->second;
}

void GroupingCursor::taken(const RowView& rows) {
  for (std::int64_t i = 0; i < rows.count; ++i) pending_.outputs += rows.failure(i) == nullptr;
  pending_.bytes += rows.nbytes();
  count();
}

void GroupingCursor::mark_here(Mark& out) const {
  const Group* oldest = nullptr;
  auto held = std::make_shared<HeldPlaces>();
  const auto put = [&](const Group& group) {
    if (!oldest || group.ordinals.front() < oldest->ordinals.front()) oldest = &group;
    held->put(group);
  };
  if (given_) put(giving_);
  for (const auto& [key, group] : groups_) put(group);
  out.put("groups", given_count_);
  out.put("giving", given_ != nullptr);
  out.put_data("held", std::move(held));
  input_->mark(out, oldest ? oldest->anchor.get() : nullptr);
  if (given_) given_->mark(out);
  out.put("close", 0);
}

void GroupingCursor::do_restore(MarkReader& in) {
  given_count_ = in.get_count("groups");
  const bool giving = in.get("giving", 0, 1) != 0;
  PlacesReader held(in.get_data("held"));
  std::vector<GroupingInput::Member> members;
  for (bool first = giving; !held.at_end(); first = false) {
    const std::int64_t key = held.next();
    Group& group = first ? giving_ : groups_[key];
    group.key = key;
    const std::int64_t count = held.next();
    require(count >= 1, "state", "a group that it holds must have elements, got ", count, "; the state is damaged");
    for (std::int64_t i = 0; i < count; ++i) members.push_back({held.next(), &group});
  }
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.ordinal < b.ordinal; });
  input_->restore(in, members);
  for (auto& [key, group] : groups_) {
    group.size = node_.size_of(key);
    pending_.in += group.count();
  }
  counted_ = input_->taken();
  count();
  if (giving) {
    require(giving_.count() > 0, "state", "a group that it gives is no longer there; the state is damaged");
    giving_.size = node_.size_of(giving_.key);
    given_ = node_.given(context_, giving_, given_count_ - 1);
    require(given_ != nullptr, "state", "a group that it gives is no longer there; the state is damaged");
    given_->restore(in);
  }
  in.get("close", 0, 0);
}

}  // namespace

GroupingNode::Placed GroupingNode::place_length(std::int64_t) const {
  throw StateError(sentence(label(), "elements are not grouped by length here"));
}

std::int64_t GroupingNode::cardinality() const { return up().cardinality() == 0 ? 0 : kUnknown; }

std::unique_ptr<Cursor> GroupingNode::open_stream(const Context& context) const {
  return std::make_unique<GroupingCursor>(*this, context);
}

}  // namespace headrace
