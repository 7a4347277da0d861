#include <headrace/tensor/structure.hpp>

#include <headrace/tensor/error.hpp>

#include <algorithm>
#include <numeric>
#include <set>

namespace headrace {
namespace {

void check_keys(const std::vector<std::string>& keys, const std::vector<StructurePtr>& children) {
  require(keys.size() == children.size(), "structure", "each child needs one key, got ", keys.size(), " keys for ",
          children.size(), " children");
  std::set<std::string_view> seen;
  for (const std::string& key : keys) {
    require(seen.insert(key).second, "structure", "keys must differ, got '", key, "' twice");
  }
}

/// For each child of `a`, the place of the child of `b` that stands for it, or -1.
std::vector<int> matching_children(const Structure& a, const Structure& b) {
  std::vector<int> places(a.children().size());
  std::iota(places.begin(), places.end(), 0);
  if (a.kind() != Structure::Kind::dict || a.keys() == b.keys()) return places;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = std::find(b.keys().begin(), b.keys().end(), a.keys()[i]);
    places[i] = place == b.keys().end() ? -1 : static_cast<int>(place - b.keys().begin());
  }
  return places;
}

void append_order(const Structure& a, const Structure& b, int first, std::vector<int>& order) {
  if (a.kind() == Structure::Kind::leaf) order.push_back(first);
  std::vector<int> firsts;  // the first leaf of each child of b
  for (const StructurePtr& child : b.children()) {
    firsts.push_back(first);
    first += child->leaf_count();
  }
  const std::vector<int> places = matching_children(a, b);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<std::size_t>(places[i]);
    append_order(*a.children()[i], *b.children()[place], firsts[place], order);
  }
}

/// 'label', with quotes and backslashes escaped as Python does.
std::string quoted(const std::string& key) {
  std::string text = "'";
  for (const char letter : key) {
    if (letter == '\'' || letter == '\\') text += '\\';
    text += letter;
  }
  return text + "'";
}

std::string short_name(const ContainerTag& tag) {
  const std::string name = tag.name();
  return name.substr(name.rfind('.') + 1);
}

}  // namespace

const StructurePtr& Structure::leaf() {
  static const StructurePtr& shared = *new StructurePtr(new Structure);
  return shared;
}

const StructurePtr& Structure::none() {
  static const StructurePtr& shared = *new StructurePtr([] {
    auto* made = new Structure;
    made->kind_ = Kind::none;
    made->leaf_count_ = 0;
    return made;
  }());
  return shared;
}

StructurePtr Structure::make(Kind kind, std::vector<std::string> keys, std::vector<StructurePtr> children,
                             std::shared_ptr<const ContainerTag> tag) {
  const std::shared_ptr<Structure> made(new Structure);
  made->kind_ = kind;
  made->leaf_count_ = 0;
  for (const StructurePtr& child : children) {
    made->leaf_count_ += child->leaf_count();
    made->holds_values_ = made->holds_values_ || child->holds_values();
  }
  made->keys_ = std::move(keys);
  made->children_ = std::move(children);
  made->tag_ = std::move(tag);
  return made;
}

StructurePtr Structure::tuple(std::vector<StructurePtr> children) { return make(Kind::tuple, {}, std::move(children)); }

StructurePtr Structure::dict(std::vector<std::string> keys, std::vector<StructurePtr> children) {
  check_keys(keys, children);
  return make(Kind::dict, std::move(keys), std::move(children));
}

StructurePtr Structure::named(std::vector<std::string> keys, std::vector<StructurePtr> children,
                              std::shared_ptr<const ContainerTag> tag) {
  check_keys(keys, children);
  require(tag != nullptr, "structure", "a named container needs a tag, got none");
  return make(Kind::named, std::move(keys), std::move(children), std::move(tag));
}

StructurePtr Structure::held(std::shared_ptr<const Held> value) {
  require(value != nullptr, "structure", "a held value must not be null, got null");
  const std::shared_ptr<Structure> made(new Structure);
  made->kind_ = Kind::held;
  made->leaf_count_ = 0;
  made->value_ = std::move(value);
  made->holds_values_ = true;
  return made;
}

StructurePtr Structure::with_children(std::vector<StructurePtr> children) const {
  return make(kind_, keys_, std::move(children), tag_);
}

StructurePtr Structure::with_leaves(std::span<const StructurePtr> parts) const {
  if (kind_ == Kind::leaf) return parts.front();
  if (kind_ == Kind::none) return none();
  if (kind_ == Kind::held) return held(value_);
  std::vector<StructurePtr> children;
  for (const StructurePtr& child : children_) {
    const auto leaves = static_cast<std::size_t>(child->leaf_count());
    children.push_back(child->with_leaves(parts.first(leaves)));
    parts = parts.subspan(leaves);
  }
  return with_children(std::move(children));
}

bool Structure::same_as(const Structure& other) const {
  if (this == &other) return true;
  if (kind_ != other.kind_ || children_.size() != other.children_.size()) return false;
  if (kind_ == Kind::named && (keys_ != other.keys_ || tag_->name() != other.tag_->name())) return false;
  if (kind_ == Kind::held) return value_->same_as(*other.value_);
  const std::vector<int> places = matching_children(*this, other);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0 || !children_[i]->same_as(*other.children_[static_cast<std::size_t>(places[i])])) return false;
  }
  return true;
}

std::vector<int> Structure::leaf_order_in(const Structure& other) const {
  if (this == &other) return {};
  std::vector<int> order;
  append_order(*this, other, 0, order);
  if (std::is_sorted(order.begin(), order.end())) order.clear();
  return order;
}

std::string Structure::to_string() const {
  return to_string([](int) { return std::string("."); });
}

std::string Structure::to_string(const std::function<std::string(int)>& leaf_text) const {
  return text_from(0, leaf_text);
}

std::string Structure::text_from(int leaf, const std::function<std::string(int)>& leaf_text) const {
  if (kind_ == Kind::leaf) return leaf_text(leaf);
  if (kind_ == Kind::none) return "None";
  if (kind_ == Kind::held) return value_->to_string();
  const bool one_tuple = kind_ == Kind::tuple && children_.size() == 1;
  std::string text = kind_ == Kind::named ? short_name(*tag_) + "(" : kind_ == Kind::dict ? "{" : "(";
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (i > 0) text += ", ";
    if (kind_ == Kind::dict) text += quoted(keys_[i]) + ": ";
    if (kind_ == Kind::named) text += keys_[i] + "=";
    text += children_[i]->text_from(leaf, leaf_text);
    leaf += children_[i]->leaf_count();
  }
  return text + (kind_ == Kind::dict ? "}" : one_tuple ? ",)" : ")");
}

std::string Structure::leaf_path(int leaf) const {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    const Structure& child = *children_[i];
    if (leaf < child.leaf_count()) {
      const std::string step = kind_ == Kind::dict    ? "[" + quoted(keys_[i]) + "]"
                               : kind_ == Kind::named ? "." + keys_[i]
                                                      : "[" + std::to_string(i) + "]";
      return step + child.leaf_path(leaf);
    }
    leaf -= child.leaf_count();
  }
  return "";
}

}  // namespace headrace
