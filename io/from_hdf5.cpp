#include <headrace/io/from_hdf5.hpp>

#include <algorithm>

#include <headrace/io/hdf5/column.hpp>
#include <headrace/io/hdf5/selection.hpp>
#include <headrace/pipeline/digest.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

namespace {

class Hdf5Node final : public Node {
 public:
  using Components = std::vector<std::unique_ptr<const hdf5::Component>>;
  Hdf5Node(StructurePtr structure, Components columns)
      : Node({}), spec_{std::move(structure), {}}, columns_(std::move(columns)) {
    for (const auto& column : columns_) spec_.components.push_back(column->row());
  }

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return columns_.front()->rows(); }
  std::optional<Spec> spec() const override { return spec_; }
  bool gathers_views() const override {
    return std::all_of(columns_.begin(), columns_.end(), [](const auto& column) { return column->gives_views(); });
  }
  /// The chunk rows of the component with the largest rows.
  std::int64_t block_rows() const override {
    const auto largest = std::max_element(columns_.begin(), columns_.end(),
                                          [](const auto& a, const auto& b) { return a->row_bytes() < b->row_bytes(); });
    return (*largest)->block_rows();
  }
  std::string identity() const override {
    std::string text;
    for (const auto& column : columns_) {
      text += column->name() + " " + column->row().to_string();
      for (const std::int64_t start : column->starts()) text += " " + std::to_string(start);
    }
    return digest(text);
  }
  std::string remark() const override {
    std::string text;
    for (const auto& column : columns_)
      text += (text.empty() ? "" : "; ") + ("'" + column->name() + "' ") + column->path();
    return text;
  }

  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override {
    try {
      fill(context, positions, columns, to);
    } catch (const IoError&) {
      for (std::int64_t i = 0; i < positions.count; ++i) {  // each error in its place
        try {
          fill(context, positions.slice(i, 1), columns, to.slice(i, 1));
        } catch (const IoError&) {
          failures.push_back({to[i], capture_failure(*this, positions[i])});
        }
      }
    }
  }

 protected:
  Rows do_gather(const Context& context, const Positions& positions) const override {
    if (!spec_.fully_known()) return listed({*this, context}, positions);
    Rows rows = Rows::of_columns(spec_.structure, {}, positions.count);
    for (const auto& column : columns_) rows.columns.push_back(column->gather({*this, context}, positions));
    return rows;
  }

 private:
  void fill(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to) const {
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
      columns_[leaf]->gather_into({*this, context}, positions, columns[leaf], to);
  }

  /// Rows of differing shape: a tensor each.
  Rows listed(const hdf5::Reading& reading, const Positions& positions) const {
    std::vector<Outcome> list(static_cast<std::size_t>(positions.count));
    for (Outcome& outcome : list) outcome.element = Element(spec_.structure, {});
    for (const auto& column : columns_) {
      std::vector<Tensor> rows = column->list(reading, positions);
      for (std::size_t i = 0; i < list.size(); ++i) list[i].element.components.push_back(std::move(rows[i]));
    }
    return Rows::of_list(std::move(list));
  }

  Spec spec_;
  Components columns_;
};

}  // namespace

Dataset FromHdf5::operator()() const {
  const auto set = std::make_shared<const hdf5::FileSet>(name, hdf5::expanded_paths(name, files), trusted);
  hdf5::Selection selection = hdf5::select(name, *set->file(0), datasets);
  Hdf5Node::Components columns;
  for (const std::string& array : selection.names) {
    columns.push_back(std::make_unique<const hdf5::Column>(set, array, mmap));
    const hdf5::Component &first = *columns.front(), &last = *columns.back();
    for (std::size_t file = 0; file < set->paths().size(); ++file) {
      const auto rows = [&](const hdf5::Component& column) {
        return column.starts()[file + 1] - column.starts()[file];
      };
      require(rows(first) == rows(last), name, "datasets must be of one first size, got ", rows(first), " of '",
              first.name(), "' and ", rows(last), " of '", last.name(), "' in '", set->paths()[file], "'");
    }
  }
  return Dataset(std::make_shared<Hdf5Node>(std::move(selection.structure), std::move(columns)));
}

}  // namespace headrace
