#include <headrace/io/component_writer.hpp>

#include <algorithm>

#include <headrace/io/npy/format.hpp>
#include <headrace/tensor/copy.hpp>

namespace headrace {

namespace {

/// Sizes that a file can have: an unknown one only where there are no rows.
Shape known(Shape shape) {
  for (auto& size : shape) size = std::max<std::int64_t>(size, 0);
  return shape;
}

constexpr auto kInteger = static_cast<std::int64_t>(sizeof(std::int64_t));

}  // namespace

std::string stored_descr(DType dtype) {
  if (dtype.variable_length()) return "'<i8'";
  const auto descr = npy_descr(dtype);
  const bool fits = descr && descr->size() < 0x8000;  // a head has 64 KiB
  return fits ? *descr : "'|V" + std::to_string(dtype.itemsize()) + "'";
}

std::int64_t stored_itemsize(DType dtype) { return dtype.variable_length() ? kInteger : dtype.itemsize(); }

Shape stored_row(DType dtype, const Shape& row) { return dtype.variable_length() ? row.with_back(2) : row; }

ComponentWriter::Part::Part(const std::string& stage, const std::string& folder, std::string name_, std::string descr_,
                            const Shape& row)
    : name(std::move(name_)), descr(std::move(descr_)), room(npy_room(descr, row)), file(stage, folder + "/" + name) {
  require(room < 0x10000, stage, "an element must have fewer axes, got ", row.size());
}

void ComponentWriter::Part::write(std::int64_t place, const void* data, std::int64_t size) {
  file.write_at(static_cast<std::int64_t>(room) + place, data, static_cast<std::size_t>(size));
}

void ComponentWriter::Part::read(std::int64_t place, void* data, std::int64_t size) {
  file.read_at(static_cast<std::int64_t>(room) + place, data, static_cast<std::size_t>(size));
}

StoredFile ComponentWriter::Part::finish(const Shape& shape, std::int64_t itemsize) {
  const std::string head = npy_head(descr, shape, room);
  const std::int64_t bytes = static_cast<std::int64_t>(room) + element_count(shape) * itemsize;
  file.write_at(0, head.data(), head.size());
  file.close(bytes);
  return {name, shape, bytes};
}

ComponentWriter::ComponentWriter(std::string stage, const std::string& folder, int number, std::string place,
                                 const TensorSpec& first)
    : stage_(std::move(stage)),
      folder_(folder),
      place_(std::move(place)),
      number_(number),
      spec_(first),
      row_(known(first.shape)) {
  const Shape row = stored_row(first.dtype, row_);
  values_ = make_part("", stored_descr(first.dtype), row);
  if (first.dtype.variable_length()) texts_ = make_part(".texts", "'|u1'", {});
}

std::unique_ptr<ComponentWriter::Part> ComponentWriter::make_part(const char* suffix, std::string descr,
                                                                  const Shape& row) const {
  return std::make_unique<Part>(stage_, folder_, std::to_string(number_) + suffix + ".npy", std::move(descr), row);
}

void ComponentWriter::put(std::int64_t position, const Tensor& rows) {
  const Shape row = rows.shape().tail();
  const std::string here = place_.empty() ? "" : "component " + place_ + " of ";
  require(rows.dtype() == spec_.dtype, stage_, here, "element ", position, " has dtype ", rows.dtype().name(),
          ", others have ", spec_.dtype.name(), "; make them equal in map");
  require(row.size() == spec_.shape.size(), stage_, here, "element ", position, " has shape ", to_string(row),
          ", others have ", spec_.shape.size(), " axes; make them equal in map");
  if (!shapes_ && !(row == row_)) let_shapes_vary();
  const Tensor packed = texts_ ? write_texts(rows) : rows.is_contiguous() ? rows : rows.copy();
  const std::int64_t count = rows.shape().front();
  const std::int64_t row_bytes = count > 0 ? packed.nbytes() / count : 0;
  if (!shapes_) {
    values_->write(position * row_bytes, packed.data(), packed.nbytes());
    rows_ = std::max(rows_, position + count);
    return;
  }
  const std::int64_t items = element_count(row);
  values_->write(items > 0 ? end_ * (row_bytes / items) : 0, packed.data(), packed.nbytes());
  put_places(position, count, row);
  end_ += count * items;
}

/// Says where rows from `position` on are: one after the other from end_ on.
void ComponentWriter::put_places(std::int64_t position, std::int64_t count, const Shape& row) {
  const std::int64_t items = element_count(row);
  const std::int64_t size = row.size() * kInteger;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t start = end_ + i * items;
    starts_->write((position + i) * kInteger, &start, kInteger);
    shapes_->write((position + i) * size, row.begin(), size);
  }
  for (int axis = 0; axis < row.size(); ++axis) {
    if (row[axis] != spec_.shape[axis]) spec_.shape[axis] = -1;
  }
  rows_ = std::max(rows_, position + count);
}

void ComponentWriter::let_shapes_vary() {
  const std::int64_t before = std::exchange(rows_, 0);
  starts_ = make_part(".starts", "'<i8'", {});
  shapes_ = make_part(".shapes", "'<i8'", {row_.size()});
  put_places(0, before, row_);  // of those in between that are yet to come, it will be said again
  end_ = before * element_count(row_);
}

/// Puts the bytes of texts behind those before; gives their places and sizes.
Tensor ComponentWriter::write_texts(const Tensor& rows) {
  const Tensor packed = rows.is_contiguous() ? rows : rows.copy();
  Tensor pairs = Tensor::empty(int64, rows.shape().with_back(2));
  auto* pair = pairs.mutable_values<std::int64_t>().data();
  const auto* const items = reinterpret_cast<const Text*>(packed.data());
  for (std::int64_t i = 0; i < packed.size(); ++i) {
    *pair++ = text_end_;
    *pair++ = items[i].size;
    texts_->write(text_end_, items[i].data, items[i].size);
    text_end_ += items[i].size;
  }
  return pairs;
}

Tensor ComponentWriter::get(std::int64_t position) {
  Shape shape = row_;
  std::int64_t start = position * element_count(shape);
  if (shapes_) {
    starts_->read(position * kInteger, &start, kInteger);
    shapes_->read(position * kInteger * shape.size(), shape.begin(), kInteger * shape.size());
  }
  Tensor row = Tensor::empty(spec_.dtype, shape);
  Tensor stored = texts_ ? Tensor::empty(int64, shape.with_back(2)) : row;
  const std::int64_t item_bytes = texts_ ? 2 * kInteger : spec_.dtype.itemsize();
  values_->read(start * item_bytes, stored.mutable_data(), stored.nbytes());
  if (texts_) read_texts(stored, row);
  return row.read_only();
}

/// The texts of one row stand one after the other.
void ComponentWriter::read_texts(const Tensor& pairs, Tensor& into) {
  const auto places = pairs.values<std::int64_t>();
  if (places.empty()) return;
  const std::int64_t begin = places[0], end = places[places.size() - 2] + places.back();
  if (begin == end) return;
  const Buffer heap = Buffer::allocate(static_cast<std::size_t>(end - begin));
  texts_->read(begin, heap.data(), end - begin);
  auto* item = reinterpret_cast<Text*>(into.mutable_data());
  for (std::size_t i = 0; i < places.size(); i += 2)
    *item++ = {reinterpret_cast<const char*>(heap.data()) + (places[i] - begin), places[i + 1]};
  into.set_heap(heap);
}

StoredComponent ComponentWriter::finish(std::int64_t count) {
  StoredComponent stored{spec_, {}, {}, {}, {}};
  const DType dtype = spec_.dtype;
  const std::int64_t itemsize = stored_itemsize(dtype);
  const Shape shape = shapes_ ? stored_row(dtype, {end_}) : stored_row(dtype, row_).with_front(count);
  stored.values = values_->finish(shape, itemsize);
  if (texts_) stored.texts = texts_->finish({text_end_}, 1);
  if (!shapes_) return stored;
  stored.starts = starts_->finish({count}, kInteger);
  stored.shapes = shapes_->finish({count, row_.size()}, kInteger);
  return stored;
}

}  // namespace headrace
