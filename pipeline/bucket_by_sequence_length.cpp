#include <headrace/pipeline/bucket_by_sequence_length.hpp>

#include <algorithm>

#include <headrace/pipeline/grouping.hpp>
#include <headrace/pipeline/numbers.hpp>
#include <headrace/pipeline/padded_batch.hpp>
#include <headrace/pipeline/stacking.hpp>

namespace headrace {

namespace {

constexpr auto kName = BucketBySequenceLength::name;

/// The ints of a list given as an option.
std::vector<std::int64_t> integers(const Element& list, const char* option) {
  const bool vector =
      list.components.size() == 1 && list.structure->kind() == Structure::Kind::leaf && list.components[0].ndim() == 1;
  const bool none = vector && list.components[0].size() == 0;
  require<TypeError>(vector, kName, option, " must be a list of ints, got ", spec_of(list).to_string());
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; !none && i < list.components[0].size(); ++i)
    values.push_back(integer_of(list.components[0].row(i), kName, std::string(option) + " must hold"));
  return values;
}

/// A batch already made, as a cursor of one row. Mark: "given".
class OneBatchCursor final : public Cursor {
 public:
  explicit OneBatchCursor(Element batch) : rows_(Rows::of_list({Outcome{std::move(batch), nullptr}})) {}
  RowView peek(std::int64_t) override { return {&rows_, given_, 1 - given_}; }
  void take(std::int64_t n) override { given_ += n; }
  void mark(Mark& out) const override { out.put("given", given_); }

 protected:
  void do_restore(MarkReader& in) override { given_ = in.get("given", 0, 1); }

 private:
  Rows rows_;
  std::int64_t given_ = 0;
};

class BucketNode final : public GroupingNode {
 public:
  BucketNode(NodePtr upstream, const BucketBySequenceLength& options)
      : GroupingNode(std::move(upstream)),
        options_(options),
        boundaries_(integers(options.bucket_boundaries, "bucket_boundaries")) {
    if (options.bucket_batch_sizes) sizes_ = integers(*options.bucket_batch_sizes, "bucket_batch_sizes");
    check();
    make_stackings();
  }

  std::optional<Spec> spec() const override {
    const auto row = up().spec();
    if (!row) return std::nullopt;
    std::optional<Spec> whole;
    for (std::size_t bucket = 0; bucket < stackings_.size(); ++bucket) {
      const std::int64_t size = options_.drop_remainder && !sizes_.empty() ? sizes_[bucket] : -1;
      const auto one = stackings_[bucket]->spec(*row, size);
      whole = whole && one ? common(*whole, *one) : one;
    }
    return whole;
  }
  bool runs_inline() const override { return !options_.element_length_func->concurrent(); }
  std::string identity() const override {
    std::string text = stackings_.front()->identity();
    for (const std::int64_t boundary : boundaries_) text += " " + std::to_string(boundary);
    text += ";";
    for (const std::int64_t size : sizes_) text += " " + std::to_string(size);
    return text;
  }

  Placed place(const Element& element) const override {
    return place_length(
        integer_of((*options_.element_length_func)(element), label(), "element_length_func must return"));
  }
  bool places_by_length() const override {
    const auto row = up().spec();
    return options_.element_length_func->is_length() && row && row->structure->kind() == Structure::Kind::leaf &&
           row->components[0].shape.size() > 0;
  }
  Placed place_length(std::int64_t length) const override {
    const auto bucket = std::upper_bound(boundaries_.begin(), boundaries_.end(), length) - boundaries_.begin();
    require(!options_.pad_to_bucket_boundary || bucket < static_cast<std::ptrdiff_t>(boundaries_.size()), label(),
            "a length must be below the last boundary, ", boundaries_.empty() ? 0 : boundaries_.back(), ", got ",
            length, "; pad_to_bucket_boundary has nothing to pad it to");
    return {bucket, length};
  }
  std::int64_t size_of(std::int64_t bucket) const override {
    return sizes_.empty() ? INT64_MAX : sizes_[static_cast<std::size_t>(bucket)];
  }
  /// One more row would pass the budget.
  bool ends_before(const Group& group, std::int64_t length) const override {
    if (!options_.tokens_per_batch) return false;
    const std::int64_t rows = group.count() + 1;
    const std::int64_t longest = options_.pad_to_bucket_boundary ? boundaries_[static_cast<std::size_t>(group.key)] - 1
                                                                 : std::max(group.longest, length);
    return longest > 0 && rows > *options_.tokens_per_batch / longest;
  }
  std::unique_ptr<Cursor> given(const Context& context, Group& group, std::int64_t ordinal) const override {
    if (options_.drop_remainder && !sizes_.empty() && group.count() < group.size) return nullptr;
    return std::make_unique<OneBatchCursor>(batch_of(context, group, ordinal));
  }

 private:
  Element batch_of(const Context& context, Group& group, std::int64_t ordinal) const {
    const Stacking& stacking = *stackings_[stackings_.size() == 1 ? 0 : static_cast<std::size_t>(group.key)];
    const bool by_places = group.members.empty();
    if (by_places && stacking.takes_slices())
      return stacking.stack_slices(*this, up().slices(context, group.positions()), ordinal);
    const Rows rows = by_places ? up().gather(context, group.positions()) : Rows::of_list(std::move(group.members));
    return stacking.stack(*this, {&rows, 1}, ordinal);
  }

  void check() const {
    for (std::size_t i = 0; i < boundaries_.size(); ++i) {
      require(boundaries_[i] >= 1 && (i == 0 || boundaries_[i] > boundaries_[i - 1]), kName,
              "bucket_boundaries must be >= 1 and ascend, got ", boundaries_[i], " at place ", i);
    }
    require(options_.bucket_batch_sizes.has_value() != options_.tokens_per_batch.has_value(), kName,
            "one of bucket_batch_sizes and tokens_per_batch must be given, got ", sizes_.empty() ? "neither" : "both");
    require(options_.tokens_per_batch.value_or(1) >= 1, kName, "tokens_per_batch must be >= 1, got ",
            options_.tokens_per_batch.value_or(1));
    require(!options_.bucket_batch_sizes || sizes_.size() == boundaries_.size() + 1, kName,
            "bucket_batch_sizes must be one more than bucket_boundaries, ", boundaries_.size() + 1, ", got ",
            sizes_.size());
    for (const std::int64_t size : sizes_) require(size >= 1, kName, "bucket_batch_sizes must be >= 1, got ", size);
    require(!options_.pad_to_bucket_boundary || !boundaries_.empty(), kName,
            "pad_to_bucket_boundary needs a boundary, got none");
    require(!options_.pad_to_bucket_boundary || !options_.no_padding, kName,
            "pad_to_bucket_boundary and no_padding exclude each other, got both");
  }

  /// One for all buckets, or where they are padded to their boundaries one for each.
  void make_stackings() {
    if (options_.no_padding) {
      stackings_.push_back(make_equal_rows());
      return;
    }
    PaddedBatch padding{1, options_.padded_shapes, options_.padding_values, false};
    if (!options_.pad_to_bucket_boundary) {
      stackings_.push_back(make_padded_rows(padding, up().spec()));
      return;
    }
    const auto row = up().spec();
    require(row || options_.padded_shapes, kName,
            "pad_to_bucket_boundary needs padded_shapes where the elements' shapes are not known before they are read; "
            "give them, or output_signature to map");
    for (const std::int64_t boundary : boundaries_) {
      padding.padded_shapes = options_.padded_shapes ? *options_.padded_shapes : shapes_of(*row);
      for (Shape& shape : padding.padded_shapes->shapes)
        std::replace(shape.begin(), shape.end(), std::int64_t{-1}, boundary - 1);
      stackings_.push_back(make_padded_rows(padding, row));
    }
  }

  static Shapes shapes_of(const Spec& row) {
    Shapes shapes{row.structure, {}};
    for (const TensorSpec& component : row.components) shapes.shapes.push_back(component.shape);
    return shapes;
  }

  BucketBySequenceLength options_;
  std::vector<std::int64_t> boundaries_, sizes_;
  std::vector<std::unique_ptr<const Stacking>> stackings_;
};

}  // namespace

Dataset BucketBySequenceLength::operator()(const Dataset& upstream) const {
  require<TypeError>(element_length_func != nullptr, name, "element_length_func must be a function, got None");
  return Dataset(std::make_shared<BucketNode>(upstream.node_ptr(), *this));
}

}  // namespace headrace
