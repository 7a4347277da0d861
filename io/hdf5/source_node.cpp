// The node of from_hdf5.
#include <algorithm>

#include <headrace/io/hdf5/leaves.hpp>
#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/pipeline/digest.hpp>

namespace headrace::hdf5 {

namespace {

class SourceNode final : public Node {
 public:
  explicit SourceNode(Leaves leaves)
      : Node({}),
        spec_{std::move(leaves.structure), {}},
        leaves_(std::move(leaves.leaves)),
        components_(std::move(leaves.components)) {
    for (const Leaf& leaf : leaves_) spec_.components.push_back(leaf.spec(components_[leaf.component]->row()));
  }

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return components_.front()->rows(); }
  std::optional<Spec> spec() const override { return spec_; }
  bool gathers_views() const override {
    return std::all_of(components_.begin(), components_.end(), [](const auto& one) { return one->gives_views(); });
  }
  /// The rows of the component with the largest ones.
  Blocks blocks() const override {
    const auto largest = std::max_element(components_.begin(), components_.end(),
                                          [](const auto& a, const auto& b) { return a->row_bytes() < b->row_bytes(); });
    Blocks blocks{(*largest)->block_rows(), 0};
    for (const auto& component : components_) {
      if (component->block_rows() > 1) blocks.bytes += component->rows() * component->row_bytes();
    }
    return blocks;
  }
  std::string identity() const override {
    std::string text;
    for (const auto& component : components_) {
      text += component->name() + " " + component->row().to_string();
      for (const std::int64_t start : component->starts()) text += " " + std::to_string(start);
    }
    return digest(text);
  }
  std::string remark() const override {
    std::string text;
    for (const auto& component : components_)
      text += (text.empty() ? "" : "; ") + ("'" + component->name() + "' ") + component->path();
    return text;
  }

  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override {
    try {
      fill({*this, context}, positions, columns, to);
    } catch (const IoError&) {
      for (std::int64_t i = 0; i < positions.count; ++i) {  // each error in its place
        try {
          fill({*this, context}, positions.slice(i, 1), columns, to.slice(i, 1));
        } catch (const IoError&) {
          failures.push_back({to[i], capture_failure(*this, positions[i])});
        }
      }
    }
  }

 protected:
  Rows do_gather(const Context& context, const Positions& positions) const override {
    const Reading reading{*this, context};
    if (!spec_.fully_known()) return listed(reading, positions);
    std::vector<Tensor> whole, columns;
    for (const auto& component : components_) {
      whole.push_back(component->gather(reading, positions));
      if (component->row().dtype != text) continue;
      for (std::int64_t i = 0; i < positions.count; ++i) require_utf8(*component, whole.back().row(i), positions[i]);
    }
    for (const Leaf& leaf : leaves_) columns.push_back(leaf.of(whole[leaf.component]));
    return Rows::of_columns(spec_.structure, std::move(columns), positions.count);
  }

 private:
  void require_utf8(const Component& component, const Tensor& row, std::int64_t position) const {
    const Tensor texts = row.is_contiguous() ? row : row.copy();
    for (std::int64_t i = 0; i < texts.size(); ++i) {
      const std::string_view one = reinterpret_cast<const Text*>(texts.data())[i].view();
      require<IoError>(is_utf8(one), label(), "text must be UTF-8, got b'", escaped(one), "' in ",
                       component.where(position), "; read_hdf5 gives such text as bytes");
    }
  }

  /// Rows of differing shape: a tensor each.
  Rows listed(const Reading& reading, const Positions& positions) const {
    std::vector<std::vector<Tensor>> whole;
    for (const auto& component : components_) {
      whole.push_back(component->list(reading, positions));
      if (component->row().dtype != text) continue;
      for (std::int64_t i = 0; i < positions.count; ++i)
        require_utf8(*component, whole.back()[static_cast<std::size_t>(i)], positions[i]);
    }
    std::vector<Outcome> list(static_cast<std::size_t>(positions.count));
    for (std::size_t i = 0; i < list.size(); ++i) {
      list[i].element = Element(spec_.structure, {});
      for (const Leaf& leaf : leaves_) list[i].element.components.push_back(leaf.of(whole[leaf.component][i]));
    }
    return Rows::of_list(std::move(list));
  }

  /// Records are read once for all their fields, which follow each other.
  void fill(const Reading& reading, const Positions& positions, std::span<Tensor> columns, const Positions& to) const {
    Tensor records;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const Leaf& leaf = leaves_[i];
      const Component& component = *components_[leaf.component];
      if (leaf.path.empty()) {
        component.gather_into(reading, positions, columns[i], to);
        continue;
      }
      if (i == 0 || leaves_[i - 1].component != leaf.component) records = component.gather(reading, positions);
      copy_rows(leaf.of(records), Positions::range(0, positions.count), columns[i], to);
    }
  }

  Spec spec_;
  std::vector<Leaf> leaves_;
  std::vector<std::unique_ptr<const Component>> components_;
};

}  // namespace

std::shared_ptr<Node> make_source_node(Leaves leaves) { return std::make_shared<SourceNode>(std::move(leaves)); }

}  // namespace headrace::hdf5
