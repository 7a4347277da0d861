#include <headrace/pipeline/key_set.hpp>

#include <algorithm>
#include <cstring>
#include <numeric>

#include <headrace/pipeline/base64.hpp>
#include <headrace/pipeline/blake2b.hpp>
#include <headrace/pipeline/random.hpp>

namespace headrace {

namespace {

constexpr std::int64_t kChunk = 1 << 16;
constexpr std::size_t kLongestKey = 32;
// How a record begins: the length of a key of form 0; with kOtherForm set the form's number follows; kNewForm: the
// length and the text of a form.
constexpr unsigned char kOtherForm = 64, kNewForm = 255;

std::string_view bytes_of(const void* data, std::int64_t n) {
  return {static_cast<const char*>(data), static_cast<std::size_t>(n)};
}

template <class T>
void append_number(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Takes bytes off the front; ValueError where there are too few.
std::string_view take_bytes(std::string_view& in, std::size_t n) {
  require(in.size() >= n, "state", "the keys of unique end too early; the state is damaged");
  const std::string_view taken = in.substr(0, n);
  in.remove_prefix(n);
  return taken;
}

template <class T>
T take_number(std::string_view& in) {
  T number;
  std::memcpy(&number, take_bytes(in, sizeof number).data(), sizeof number);
  return number;
}

/// Collects an element's bytes: a few as they are, more in a digest.
class KeyBytes {
 public:
  void add(std::string_view bytes) {
    if (!digesting_ && held_.size() + bytes.size() <= kLongestKey) {
      held_ += bytes;
      return;
    }
    if (!std::exchange(digesting_, true)) digest_.add(std::as_bytes(std::span(held_)));
    digest_.add(std::as_bytes(std::span(bytes)));
  }
  std::string finish() {
    if (!digesting_) return std::move(held_);
    const Blake2b::Value value = digest_.finish();
    // One byte longer than any key held as it is: the two kinds are never taken for each other.
    return std::string(bytes_of(value.data(), static_cast<std::int64_t>(value.size()))) + 'd';
  }

 private:
  std::string held_;
  Blake2b digest_;
  bool digesting_ = false;
};

/// The items of a record one field after the other: the gaps between fields say nothing.
void add_item(DType dtype, const std::byte* item, KeyBytes& key) {
  if (dtype.kind() != Kind::record) {
    key.add(bytes_of(item, dtype.itemsize()));
    return;
  }
  for (const Field& field : dtype.fields()) {
    const std::int64_t n =
        std::accumulate(field.shape.begin(), field.shape.end(), std::int64_t{1}, std::multiplies<>());
    for (std::int64_t i = 0; i < n; ++i) add_item(field.dtype, item + field.offset + i * field.dtype.itemsize(), key);
  }
}

/// `last`: nothing follows, so that the length of the last text need not be said.
void add_tensor(const Tensor& tensor, bool last, KeyBytes& key) {
  const Tensor packed = tensor.is_contiguous() ? tensor : tensor.copy();
  const DType dtype = packed.dtype();
  if (!dtype.variable_length() && dtype.kind() != Kind::record) {
    key.add(bytes_of(packed.data(), packed.nbytes()));
    return;
  }
  for (std::int64_t i = 0; i < packed.size(); ++i) {
    const std::byte* const item = packed.data() + i * dtype.itemsize();
    if (!dtype.variable_length()) {
      add_item(dtype, item, key);
      continue;
    }
    Text text;
    std::memcpy(&text, item, sizeof text);
    if (!last || i + 1 < packed.size()) key.add(bytes_of(&text.size, sizeof text.size));
    key.add(text.view());
  }
}

/// A structure as text, dicts by key, and the order of its leaves there.
void describe(const Structure& structure, const std::function<std::string(int)>& leaf_text, int first,
              std::string& text, std::vector<int>& order) {
  require<TypeError>(structure.kind() != Structure::Kind::held, "unique",
                     "elements that hold datasets cannot be told apart");
  if (structure.kind() == Structure::Kind::leaf) {
    order.push_back(first);
    text += leaf_text(first);
    return;
  }
  text += std::to_string(static_cast<int>(structure.kind())) + (structure.tag() ? structure.tag()->name() : "") + "(";
  std::vector<int> firsts;
  for (const StructurePtr& child : structure.children()) {
    firsts.push_back(first);
    first += child->leaf_count();
  }
  std::vector<std::size_t> places(firsts.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (structure.kind() == Structure::Kind::dict) {
    std::sort(places.begin(), places.end(),
              [&](std::size_t a, std::size_t b) { return structure.keys()[a] < structure.keys()[b]; });
  }
  for (const std::size_t place : places) {
    if (!structure.keys().empty())
      text += std::to_string(structure.keys()[place].size()) + ":" + structure.keys()[place] + "=";
    describe(*structure.children()[place], leaf_text, firsts[place], text, order);
    text += ",";
  }
  text += ")";
}

std::uint64_t hash_of(std::int64_t form, std::string_view key) {
  std::uint64_t hash = mix(static_cast<std::uint64_t>(form) << 8 ^ key.size());
  while (!key.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = std::min(key.size(), sizeof word);
    std::memcpy(&word, key.data(), n);
    hash = mix(hash ^ word);
    key.remove_prefix(n);
  }
  return hash;
}

const Tensor& component_of(const RowView& rows, std::int64_t i, std::size_t leaf) {
  return rows.rows->stacked ? rows.rows->columns[leaf]
                            : rows.rows->list[static_cast<std::size_t>(rows.begin + i)].element.components[leaf];
}

std::size_t component_count(const RowView& rows, std::int64_t i) {
  return rows.rows->stacked ? rows.rows->columns.size()
                            : rows.rows->list[static_cast<std::size_t>(rows.begin + i)].element.components.size();
}

const StructurePtr& structure_of(const RowView& rows, std::int64_t i) {
  return rows.rows->stacked ? rows.rows->structure
                            : rows.rows->list[static_cast<std::size_t>(rows.begin + i)].element.structure;
}

class SeenKeys final : public MarkData {
 public:
  SeenKeys(std::shared_ptr<const ByteLog> log, std::int64_t bytes) : log_(std::move(log)), bytes_(bytes) {}
  std::string to_text() const override { return to_base64(log_->first(bytes_)); }

 private:
  std::shared_ptr<const ByteLog> log_;
  std::int64_t bytes_;
};

}  // namespace

const std::byte* ByteLog::append(std::string_view record) {
  const auto n = static_cast<std::int64_t>(record.size());
  if (chunks_.empty() || size_ + n > chunks_.back().begin + chunks_.back().capacity) {
    const std::int64_t capacity = std::max(kChunk, n);
    Chunk chunk{std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(capacity)), size_, capacity};
    const std::lock_guard lock(mutex_);
    chunks_.push_back(std::move(chunk));
  }
  std::byte* const place = chunks_.back().bytes.get() + (size_ - chunks_.back().begin);
  std::memcpy(place, record.data(), record.size());
  size_ += n;
  return place;
}

std::string ByteLog::first(std::int64_t bytes) const {
  std::string all;
  all.reserve(static_cast<std::size_t>(bytes));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < chunks_.size() && chunks_[i].begin < bytes; ++i) {
    const std::int64_t end = i + 1 < chunks_.size() ? std::min(chunks_[i + 1].begin, bytes) : bytes;
    all += bytes_of(chunks_[i].bytes.get(), end - chunks_[i].begin);
  }
  return all;
}

bool KeySet::fits(const RowView& rows, std::int64_t i) const {
  if (structure_of(rows, i) != form_.structure || component_count(rows, i) != form_.dtypes.size()) return false;
  for (std::size_t leaf = 0; leaf < form_.dtypes.size(); ++leaf) {
    const Tensor& component = component_of(rows, i, leaf);
    if (!(component.dtype() == form_.dtypes[leaf])) return false;
    const bool stacked = rows.rows->stacked;
    if (component.ndim() - stacked != form_.shapes[leaf].size() ||
        !std::equal(component.shape().begin() + stacked, component.shape().end(), form_.shapes[leaf].begin()))
      return false;
  }
  return true;
}

/// Sets form_ to that of row i.
void KeySet::find_form(const RowView& rows, std::int64_t i) {
  if (form_.number >= 0 && fits(rows, i)) return;
  Form form;
  form.structure = structure_of(rows, i);
  bool plain = true;
  std::size_t bytes = 0;
  for (std::size_t leaf = 0; leaf < component_count(rows, i); ++leaf) {
    const Tensor& component = component_of(rows, i, leaf);
    form.dtypes.push_back(component.dtype());
    form.shapes.push_back(rows.rows->stacked ? component.shape().tail() : component.shape());
    plain = plain && !component.dtype().variable_length() && component.dtype().kind() != Kind::record;
    form.sizes.push_back(static_cast<std::size_t>(TensorSpec{form.dtypes.back(), form.shapes.back()}.nbytes()));
    bytes += form.sizes.back();
  }
  const auto leaf_text = [&](int leaf) {
    const auto at = static_cast<std::size_t>(leaf);
    return TensorSpec{form.dtypes[at], form.shapes[at]}.to_string();
  };
  std::string text;
  describe(*form.structure, leaf_text, 0, text, form.order);
  if (!plain || bytes > kLongestKey) form.sizes.clear();
  form.number = number_of(text);
  form_ = std::move(form);
}

std::int64_t KeySet::number_of(const std::string& text) {
  const auto [entry, fresh] = forms_.try_emplace(text, static_cast<std::int64_t>(forms_.size()));
  if (!fresh) return entry->second;
  std::string record(1, static_cast<char>(kNewForm));
  append_number(record, static_cast<std::uint32_t>(text.size()));
  try {
    log_->append(record + text);
  } catch (...) {
    forms_.erase(entry);
    throw;
  }
  return entry->second;
}

/// Copies the components of a stacked row to `key`; 0 where they do not lie in memory as a key wants them.
std::size_t KeySet::copy_row(const RowView& rows, std::int64_t i, char* key) const {
  std::size_t size = 0;
  for (const int leaf : form_.order) {
    const auto at = static_cast<std::size_t>(leaf);
    const Tensor& column = rows.rows->columns[at];
    if (column.ndim() > 1 && !column.is_contiguous()) return 0;
    std::memcpy(key + size, column.data() + (rows.begin + i) * column.strides()[0], form_.sizes[at]);
    size += form_.sizes[at];
  }
  return size;
}

bool KeySet::add(const RowView& rows, std::int64_t i, bool like_last) {
  if (!like_last) find_form(rows, i);
  if (rows.rows->stacked && !form_.sizes.empty()) {
    char key[kLongestKey];
    if (const std::size_t size = copy_row(rows, i, key); size > 0) return insert(form_.number, {key, size});
  }
  const Element element = rows.element(i);
  KeyBytes key;
  for (std::size_t k = 0; k < form_.order.size(); ++k)
    add_tensor(element.components[static_cast<std::size_t>(form_.order[k])], k + 1 == form_.order.size(), key);
  return insert(form_.number, key.finish());
}

bool KeySet::insert(std::int64_t form, std::string_view key) {
  char record[1 + sizeof(std::uint32_t) + kLongestKey + 1];
  char* end = record;
  *end++ = static_cast<char>(key.size() + (form > 0 ? kOtherForm : 0));
  if (form > 0) {
    const auto number = static_cast<std::uint32_t>(form);
    std::memcpy(end, &number, sizeof number);
    end += sizeof number;
  }
  std::memcpy(end, key.data(), key.size());
  const std::string_view whole(record, static_cast<std::size_t>(end - record) + key.size());
  if (2 * (count_ + 1) > slots_.size()) grow();
  const std::uint64_t hash = hash_of(form, key);
  std::size_t place = hash & (slots_.size() - 1);
  for (; slots_[place].record; place = (place + 1) & (slots_.size() - 1)) {
    const auto& [other, there] = slots_[place];  // equal first bytes: equally long
    const bool same =
        other == hash && static_cast<char>(*there) == record[0] && std::memcmp(there, whole.data(), whole.size()) == 0;
    if (same) return false;
  }
  slots_[place] = {hash, log_->append(whole)};
  ++count_;
  return true;
}

void KeySet::grow() {
  std::vector<Slot> larger(std::max<std::size_t>(64, 2 * slots_.size()));
  for (const Slot& slot : slots_) {
    if (!slot.record) continue;
    std::size_t place = slot.hash & (larger.size() - 1);
    while (larger[place].record) place = (place + 1) & (larger.size() - 1);
    larger[place] = slot;
  }
  slots_ = std::move(larger);
}

MarkDataPtr KeySet::up_to(std::int64_t position) const { return std::make_shared<SeenKeys>(log_, position); }

void KeySet::restore(const std::string& data) {
  const auto bytes = from_base64(data);
  require(bytes.has_value(), "state", "the keys of unique must be base64; the state is damaged");
  std::string_view in = *bytes;
  while (!in.empty()) {
    const auto head = static_cast<unsigned char>(take_bytes(in, 1)[0]);
    if (head == kNewForm) {
      const auto known = static_cast<std::int64_t>(forms_.size());
      const std::string text(take_bytes(in, take_number<std::uint32_t>(in)));
      require(number_of(text) == known, "state", "the keys of unique name a form twice; the state is damaged");
      continue;
    }
    const std::int64_t form = head & kOtherForm ? take_number<std::uint32_t>(in) : 0;
    const std::size_t size = head & (kOtherForm - 1);
    const bool right = head < 2 * kOtherForm && size <= kLongestKey + 1 &&
                       form < static_cast<std::int64_t>(forms_.size()) && (form > 0 || head < kOtherForm) &&
                       insert(form, take_bytes(in, size));
    require(right, "state", "the keys of unique are none that it writes; the state is damaged");
  }
}

}  // namespace headrace
