#include <headrace/io/folder_writer.hpp>

#include <sys/stat.h>

#include <cerrno>

namespace headrace {

namespace {

FolderNote with_parent(FolderNote note) {
  const std::string parent = parent_of(note.path);
  const bool made = !note.makes_parent || ::mkdir(parent.c_str(), 0777) == 0 || errno == EEXIST;
  if (!made) throw_io(note.stage, "create", parent);
  return note;
}

}  // namespace

FolderWriter::FolderWriter(FolderNote note) : note_(with_parent(std::move(note))), folder_(note_.stage, note_.path) {}

void FolderWriter::require_arrays(const Structure& structure) const {
  require<TypeError>(!structure.holds_values(), note_.stage, "elements must be arrays to be written, got ",
                     structure.to_string(), "; use it before the stage that makes datasets");
}

void FolderWriter::begin(const Spec& spec) {
  require_arrays(*spec.structure);
  std::vector<std::unique_ptr<ComponentWriter>> components;
  for (int leaf = 0; leaf < spec.structure->leaf_count(); ++leaf) {
    components.push_back(std::make_unique<ComponentWriter>(note_.stage, folder_.path(), leaf,
                                                           spec.structure->leaf_path(leaf),
                                                           spec.components[static_cast<std::size_t>(leaf)]));
  }
  components_ = std::move(components);
  structure_ = spec.structure;
}

void FolderWriter::put(std::int64_t first, const Structure& structure, const std::vector<Tensor>& columns) {
  require_arrays(structure);
  if (!structure_->same_as(structure)) {
    throw ValueError(sentence(note_.stage, "element ", first, " has structure ", structure.to_string(),
                              ", others have ", structure_->to_string(), "; make them equal in map"));
  }
  const std::vector<int> order = structure_->leaf_order_in(structure);
  for (std::size_t leaf = 0; leaf < components_.size(); ++leaf)
    components_[leaf]->put(first, columns[order.empty() ? leaf : static_cast<std::size_t>(order[leaf])]);
}

void FolderWriter::put(std::int64_t first, const RowView& view) {
  const Rows& rows = *view.rows;
  if (!rows.stacked) {
    for (std::int64_t i = 0; i < view.count; ++i) put(first + i, view.element(i));
    return;
  }
  if (!structure_) begin(spec_of(view.element(0)));
  std::vector<Tensor> columns;
  for (int leaf = 0; leaf < rows.structure->leaf_count(); ++leaf) columns.push_back(view.column(leaf));
  put(first, *rows.structure, columns);
}

void FolderWriter::put(std::int64_t position, const Element& element) {
  if (!structure_) begin(spec_of(element));
  std::vector<Tensor> rows;
  for (const Tensor& component : element.components) rows.push_back(component.with_leading_axis());
  put(position, *element.structure, rows);
}

Element FolderWriter::get(std::int64_t position) {
  Element element(structure_, {});
  for (const auto& component : components_) element.components.push_back(component->get(position));
  return element;
}

void FolderWriter::close(std::int64_t count) {
  if (!structure_ && note_.spec) begin(*note_.spec);
  Manifest manifest{note_.stage, note_.fingerprint, count, structure_, {}};
  for (const auto& component : components_) manifest.components.push_back(component->finish(count));
  const std::string text = manifest.to_json();
  OutputFile file(note_.stage, folder_.path() + "/" + Manifest::kFile);
  file.write_at(0, text.data(), text.size());
  file.close(static_cast<std::int64_t>(text.size()));
}

bool FolderWriter::finish(std::int64_t count) {
  close(count);
  return folder_.publish();
}

void FolderWriter::replace(std::int64_t count) {
  close(count);
  folder_.replace();
}

}  // namespace headrace
