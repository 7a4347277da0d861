#include <headrace/pipeline/zip.hpp>

#include <algorithm>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/slices.hpp>

namespace headrace {

namespace {

class ZipNode final : public Node {
 public:
  ZipNode(StructurePtr tree, std::vector<NodePtr> parts) : Node(std::move(parts)), tree_(std::move(tree)) {
    Spec whole;
    std::vector<StructurePtr> structures;
    for (const auto& part : upstream()) {
      const auto spec = part->spec();
      if (!spec) return;
      structures.push_back(spec->structure);
      whole.components.insert(whole.components.end(), spec->components.begin(), spec->components.end());
    }
    whole.structure = joined(structures);
    spec_ = std::move(whole);
  }

  Access access() const override {
    const bool computed = std::all_of(upstream().begin(), upstream().end(),
                                      [](const NodePtr& part) { return part->access() == Access::random; });
    return computed ? Access::random : Access::stream;
  }
  std::int64_t cardinality() const override {
    std::int64_t least = kInfinite;
    bool unknown = false;
    for (const auto& part : upstream()) {
      const std::int64_t n = part->cardinality();
      unknown = unknown || n == kUnknown;
      if (n >= 0) least = least == kInfinite ? n : std::min(least, n);
    }
    return unknown && least != 0 ? kUnknown : least;
  }
  std::optional<Spec> spec() const override { return spec_; }
  /// Those of the part that has most to keep.
  Blocks blocks() const override {
    Blocks all, most;
    for (const auto& part : upstream()) {
      const Blocks blocks = part->blocks();
      if (blocks.bytes > most.bytes) most = blocks;
      all.bytes += blocks.bytes;
    }
    return {most.rows, all.bytes};
  }
  bool gathers_views() const override {
    return std::all_of(upstream().begin(), upstream().end(), [](const NodePtr& part) { return part->gathers_views(); });
  }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  bool has_slices() const override {
    return std::all_of(upstream().begin(), upstream().end(), [](const NodePtr& part) { return part->has_slices(); });
  }

  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override {
    std::size_t first = 0;
    for (const auto& part : upstream()) {
      const std::size_t leaves = part->spec()->components.size();
      part->gather_into(context, positions, columns.subspan(first, leaves), to, failures);
      first += leaves;
    }
    keep_first_of_each(failures);
  }

  /// Rows of all parts side by side; a row fails where any part's does.
  Rows join(std::vector<Rows> parts) const {
    const std::int64_t count = parts.front().count;
    if (std::all_of(parts.begin(), parts.end(), [](const Rows& part) { return part.stacked; })) {
      std::vector<StructurePtr> structures;
      Rows rows = Rows::of_columns(nullptr, {}, count);
      for (Rows& part : parts) {
        structures.push_back(part.structure);
        std::move(part.columns.begin(), part.columns.end(), std::back_inserter(rows.columns));
        rows.failures.insert(rows.failures.end(), part.failures.begin(), part.failures.end());
      }
      rows.structure = same_as_known(structures) ? spec_->structure : joined(structures);
      keep_first_of_each(rows.failures);
      return rows;
    }
    std::vector<Outcome> list(static_cast<std::size_t>(count));
    for (std::int64_t row = 0; row < count; ++row) list[static_cast<std::size_t>(row)] = join_row(parts, row);
    return Rows::of_list(std::move(list));
  }

 protected:
  Element do_at(const Context& context, std::int64_t position) const override {
    std::vector<Rows> parts;
    for (const auto& part : upstream()) parts.push_back(Rows::of_list({Outcome{part->at(context, position), nullptr}}));
    return join_row(parts, 0).element;
  }
  Rows do_gather(const Context& context, const Positions& positions) const override {
    std::vector<Rows> parts;
    for (const auto& part : upstream()) parts.push_back(part->gather(context, positions));
    return join(std::move(parts));
  }
  RowSlices do_slices(const Context& context, const Positions& positions) const override {
    RowSlices joined_slices{positions.count, spec_->structure, {}};
    for (const auto& part : upstream()) {
      RowSlices slices = part->slices(context, positions);
      std::move(slices.columns.begin(), slices.columns.end(), std::back_inserter(joined_slices.columns));
    }
    return joined_slices;
  }

 private:
  StructurePtr joined(std::span<const StructurePtr> structures) const { return tree_->with_leaves(structures); }

  bool same_as_known(const std::vector<StructurePtr>& structures) const {
    if (!spec_) return false;
    for (std::size_t i = 0; i < structures.size(); ++i) {
      if (structures[i] != upstream()[i]->spec()->structure) return false;
    }
    return true;
  }

  Outcome join_row(const std::vector<Rows>& parts, std::int64_t row) const {
    Outcome outcome;
    std::vector<StructurePtr> structures;
    for (const Rows& part : parts) {
      if (const FailurePtr& failure = part.failure(row)) return {{}, failure};
      Element element = part.element(row);
      structures.push_back(element.structure);
      std::move(element.components.begin(), element.components.end(), std::back_inserter(outcome.element.components));
    }
    outcome.element.structure = joined(structures);
    return outcome;
  }

  static void keep_first_of_each(std::vector<FailedRow>& failures) {
    std::stable_sort(failures.begin(), failures.end(),
                     [](const FailedRow& a, const FailedRow& b) { return a.row < b.row; });
    failures.erase(std::unique(failures.begin(), failures.end(),
                               [](const FailedRow& a, const FailedRow& b) { return a.row == b.row; }),
                   failures.end());
  }

  StructurePtr tree_;
  std::optional<Spec> spec_;
};

/// Mark: each part's, in order, "close".
class ZipCursor final : public FillingCursor {
 public:
  ZipCursor(const ZipNode& node, const Context& context) : node_(node), passed_(node, context.run) {
    for (const auto& part : node.upstream()) parts_.push_back(open(*part, context));
  }

 protected:
  Rows fill(std::int64_t want) override {
    std::vector<RowView> views;
    for (const auto& part : parts_) {
      views.push_back(part->peek(want));
      want = views.back().count;
      if (want == 0) return {};
    }
    std::vector<Rows> rows;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      rows.push_back(views[i].first(want).share());
      rows.back().origins.clear();
      parts_[i]->take(want);
    }
    return node_.join(std::move(rows));
  }
  void mark_here(Mark& out) const override {
    for (const auto& part : parts_) part->mark(out);
    out.put("close", 0);
  }
  void taken(const RowView& rows) override { passed_.count(rows); }
  std::int64_t skip_blocks(std::int64_t n) override {
    for (const auto& part : parts_) n = std::min(n, part->skip(n));
    return n;
  }
  void do_restore(MarkReader& in) override {
    for (const auto& part : parts_) part->restore(in);
    in.get("close", 0, 0);
  }

 private:
  const ZipNode& node_;
  std::vector<std::unique_ptr<Cursor>> parts_;
  PassedRows passed_;
};

std::unique_ptr<Cursor> ZipNode::open_stream(const Context& context) const {
  return std::make_unique<ZipCursor>(*this, context);
}

}  // namespace

Dataset Zip::operator()() const {
  require(!datasets.datasets.empty(), name, "it needs at least one dataset, got ", datasets.structure->to_string());
  std::vector<NodePtr> parts;
  for (const auto& dataset : datasets.datasets) parts.push_back(dataset.node_ptr());
  return Dataset(std::make_shared<ZipNode>(datasets.structure, std::move(parts)));
}

Dataset zip(std::vector<Dataset> datasets) {
  std::vector<StructurePtr> leaves(datasets.size(), Structure::leaf());
  return make_source(Zip{{Structure::tuple(std::move(leaves)), std::move(datasets)}});
}

}  // namespace headrace
