#include <headrace/io/element_folder.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <headrace/io/component_writer.hpp>
#include <headrace/io/file.hpp>
#include <headrace/io/npy/format.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

namespace fs = std::filesystem;

/// The bytes behind the head.
std::byte* data_of(const Buffer& file, std::int64_t data_bytes) {
  return file.data() + (static_cast<std::int64_t>(file.size()) - data_bytes);
}

Tensor view_of(const Buffer& file, std::byte* data, DType dtype, const Shape& shape) {
  return Tensor::view(file, data, dtype, shape, contiguous_strides(shape, dtype.itemsize()), false);
}

/// -1 for sizes that no tensor has.
std::int64_t items_of(const Shape& shape) {
  constexpr std::int64_t most = INT64_MAX >> 24;  // leaves room for any item
  std::int64_t items = 1, sized = 1;              // `sized` without the zeros, as strides are
  for (const auto size : shape) {
    if (size < 0 || size > most || sized > most / std::max<std::int64_t>(size, 1)) return -1;
    sized *= std::max<std::int64_t>(size, 1);
    items *= size;
  }
  return items;
}

Manifest manifest_in(std::string_view stage, const OpenFolder& folder) {
  const Buffer text = folder.map(Manifest::kFile);
  return Manifest::from_json({reinterpret_cast<const char*>(text.data()), text.size()}, stage,
                             folder.path() + "/" + Manifest::kFile);
}

}  // namespace

std::shared_ptr<const ElementFolder> ElementFolder::open(std::string_view stage, const std::string& path) {
  for (int attempt = 0;; ++attempt) {
    const OpenFolder folder(stage, path);
    try {
      return std::shared_ptr<const ElementFolder>(new ElementFolder(stage, folder));
    } catch (const IoError&) {  // gone while it was read? Then there is a new one
      if (attempt == 9 || !folder.was_replaced()) throw;
    }
  }
}

std::optional<Manifest> ElementFolder::manifest_if_there(std::string_view stage, const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  if (fs::is_directory(path, error) && fs::is_empty(path, error)) return std::nullopt;
  const bool ours = fs::exists(fs::path(path) / Manifest::kFile, error);
  require(ours, stage, "'", path, "' must be a folder of elements, absent or empty; it has no ", Manifest::kFile,
          "; give another path");
  return manifest_in(stage, OpenFolder(stage, path));
}

std::shared_ptr<const ElementFolder> ElementFolder::open_if_there(std::string_view stage, const std::string& path) {
  return manifest_if_there(stage, path) ? open(stage, path) : nullptr;
}

ElementFolder::ElementFolder(std::string_view stage, const OpenFolder& folder)
    : stage_(stage), path_(folder.path()), manifest_(manifest_in(stage, folder)) {
  for (const auto& component : manifest_.components) components_.push_back(opened(folder, component));
  shapes_agree_ = std::none_of(components_.begin(), components_.end(),
                               [](const Component& component) { return static_cast<bool>(component.shapes.dtype()); });
  gives_views_ = shapes_agree_ && std::none_of(components_.begin(), components_.end(), [](const Component& component) {
                   return component.dtype.variable_length();
                 });
  for (const auto& component : components_) columns_.push_back(component.values);
}

/// The file, of which nothing but its size and its head is looked at.
Buffer ElementFolder::mapped(const OpenFolder& folder, const StoredFile& file, DType dtype,
                             const std::string& descr) const {
  const std::string path = path_ + "/" + file.name;
  const auto damaged = [&](const auto&... what) {
    return ValueError(sentence(stage_, "cannot read '", path, "': ", what..., "; the file is damaged or was altered"));
  };
  Buffer bytes = folder.map(file.name);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size != file.bytes) throw damaged("it must have ", file.bytes, " bytes, got ", size);
  const std::int64_t items = element_count(file.shape), itemsize = dtype.itemsize();
  const bool fits = itemsize == 0 || items <= size / itemsize;
  const std::int64_t room = fits && (size - items * itemsize) % 64 == 0 ? size - items * itemsize : 0;
  const std::string head = room > 0 ? npy_head(descr, file.shape, static_cast<std::size_t>(room)) : std::string();
  if (head.empty() || std::memcmp(head.data(), bytes.data(), head.size()) != 0)
    throw damaged("its head must be that of ", dtype.name(), to_string(file.shape));
  return bytes;
}

Tensor ElementFolder::column(const OpenFolder& folder, const StoredFile& file, const Shape& expected,
                             DType dtype) const {
  require(file.shape == expected, stage_, "cannot read '", path_, "/", Manifest::kFile, "': '", file.name,
          "' must have shape ", to_string(expected), ", got ", to_string(file.shape), "; it is damaged");
  const DType stored = dtype.variable_length() ? int64 : dtype;
  const Buffer bytes = mapped(folder, file, stored, stored_descr(dtype));
  return view_of(bytes, data_of(bytes, element_count(file.shape) * stored.itemsize()), stored, file.shape);
}

ElementFolder::Component ElementFolder::opened(const OpenFolder& folder, const StoredComponent& stored) const {
  const TensorSpec& spec = stored.spec;
  const bool text = spec.dtype.variable_length(), varies = stored.starts && stored.shapes;
  Shape row = spec.shape;
  for (auto& size : row) size = manifest_.count == 0 ? std::max<std::int64_t>(size, 0) : size;
  const std::int64_t items = stored.values.shape.empty() ? 0 : stored.values.shape.front();
  Component component;
  component.file = path_ + "/" + stored.values.name;
  component.dtype = spec.dtype;
  component.values =
      column(folder, stored.values,
             varies ? stored_row(spec.dtype, {items}) : stored_row(spec.dtype, row).with_front(count()), spec.dtype);
  if (varies) {
    component.starts = column(folder, *stored.starts, {count()}, int64);
    component.shapes = column(folder, *stored.shapes, {count(), spec.shape.size()}, int64);
  }
  require(text == stored.texts.has_value(), stage_, "cannot read '", path_, "/", Manifest::kFile,
          "': texts belong to items of variable length; it is damaged");
  if (text) component.texts = mapped(folder, *stored.texts, uint8, stored_descr(uint8));
  if (text) component.texts_size = element_count(stored.texts->shape);
  return component;
}

Tensor ElementFolder::row_of(const Component& component, std::int64_t position) const {
  const bool text = component.dtype.variable_length();
  if (!component.shapes.dtype()) {
    const Tensor row = component.values.row(position);
    return text ? texts_of(component, row) : row;
  }
  const auto place = static_cast<std::size_t>(position);
  const std::int64_t start = component.starts.values<std::int64_t>()[place];
  const auto rank = static_cast<std::size_t>(component.shapes.shape()[1]);
  const Shape shape(component.shapes.values<std::int64_t>().subspan(place * rank, rank));
  const std::int64_t total = component.values.shape()[0];
  const std::int64_t items = items_of(shape);
  require<IoError>(items >= 0 && start >= 0 && start <= total && items <= total - start, stage_, "cannot read '",
                   component.file, "': element ", position,
                   " lies outside of it; the folder is damaged or was altered");
  const DType stored = component.values.dtype();
  std::byte* const data = component.values.mutable_data() + start * component.values.strides()[0];
  const Tensor row = view_of(component.values.buffer(), data, stored, stored_row(component.dtype, shape));
  return text ? texts_of(component, row) : row;
}

/// Items whose bytes stay where they are.
Tensor ElementFolder::texts_of(const Component& component, const Tensor& pairs) const {
  const Tensor packed = pairs.is_contiguous() ? pairs : pairs.copy();
  Shape shape;
  for (int axis = 0; axis + 1 < pairs.ndim(); ++axis) shape = shape.with_back(pairs.shape()[axis]);
  Tensor texts = Tensor::empty(component.dtype, shape);
  auto* item = reinterpret_cast<Text*>(texts.mutable_data());
  const auto* const data = reinterpret_cast<const char*>(data_of(component.texts, component.texts_size));
  const auto places = packed.values<std::int64_t>();
  for (std::size_t i = 0; i < places.size(); i += 2) {
    const std::int64_t place = places[i], size = places[i + 1];
    const bool fits = place >= 0 && size >= 0 && size <= component.texts_size && place <= component.texts_size - size;
    require<IoError>(fits, stage_, "cannot read '", component.file,
                     "': a text lies outside of its file; the folder is damaged or was altered");
    *item++ = {data + place, size};
  }
  texts.set_heap(component.texts);
  return texts.read_only();
}

Element ElementFolder::element(std::int64_t position) const {
  Element element(manifest_.structure, {});
  element.components.reserve(components_.size());
  for (const auto& component : components_) element.components.push_back(row_of(component, position));
  return element;
}

Rows ElementFolder::gather(const Positions& positions) const {
  if (!shapes_agree_) {
    std::vector<Outcome> list;
    list.reserve(static_cast<std::size_t>(positions.count));
    for (std::int64_t i = 0; i < positions.count; ++i) list.push_back({element(positions[i]), nullptr});
    return Rows::of_list(std::move(list));
  }
  Rows rows = Rows::of_columns(manifest_.structure, {}, positions.count);
  rows.columns.reserve(components_.size());
  for (const auto& component : components_) {
    Tensor column = headrace::gather(component.values, positions);
    rows.columns.push_back(component.dtype.variable_length() ? texts_of(component, column) : std::move(column));
  }
  return rows;
}

}  // namespace headrace
