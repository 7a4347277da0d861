#include <headrace/io/tool/ingest/column_stats.hpp>

#include <cstring>
#include <type_traits>

namespace headrace::tool {
namespace {

static_assert(std::is_trivially_copyable_v<Moments>);

/// Of texts only how many there are, and how many are empty.
Moments of_texts(const Tensor& rows) {
  Moments moments;
  const Tensor items = rows.is_contiguous() ? rows : rows.copy();
  for (std::int64_t i = 0; i < items.size(); ++i)
    ++(reinterpret_cast<const Text*>(items.data())[i].size == 0 ? moments.nulls : moments.count);
  return moments;
}

Moments of(const Tensor& rows) {
  if (rows.dtype().variable_length()) return of_texts(rows);
  if (has_moments(rows.dtype())) return moments_of(rows);
  Moments moments;
  moments.count = rows.size();
  return moments;
}

Tensor extreme(const Moments& moments, DType dtype, bool most) {
  if (dtype.kind() >= Kind::uint8 && dtype.kind() <= Kind::uint64)
    return Tensor::scalar(most ? moments.most_unsigned : moments.least_unsigned);
  if (dtype.kind() >= Kind::int8 && dtype.kind() <= Kind::int64)
    return Tensor::scalar(most ? moments.most_int : moments.least_int);
  return Tensor::scalar(most ? moments.most : moments.least);
}

}  // namespace

hdf5::Note moments_note(const std::vector<hdf5::NewArray>& arrays) {
  std::vector<bool> sequences;
  for (const hdf5::NewArray& array : arrays) sequences.push_back(array.sequences);
  return [sequences](const Element& batch) {
    std::vector<Moments> all;
    auto component = batch.components.begin();
    for (const bool two : sequences) {
      all.push_back(of(*component));
      component += two ? 2 : 1;
    }
    Tensor bytes = Tensor::empty(uint8, {static_cast<std::int64_t>(all.size() * sizeof(Moments))});
    std::memcpy(bytes.mutable_data(), all.data(), all.size() * sizeof(Moments));
    return bytes;
  };
}

void ColumnStats::join(const Tensor& note) {
  std::vector<Moments> next(moments_.size());
  std::memcpy(next.data(), note.data(), next.size() * sizeof(Moments));
  for (std::size_t i = 0; i < next.size(); ++i) moments_[i].join(next[i]);
}

void ColumnStats::write(hdf5::Output& output) const {
  for (std::size_t i = 0; i < arrays_.size(); ++i) {
    const std::string& name = arrays_[i].name;
    const DType dtype = arrays_[i].dtype;
    const Moments& moments = moments_[i];
    output.set_attribute(name, "count", Tensor::scalar(moments.count));
    output.set_attribute(name, "nulls", Tensor::scalar(moments.nulls));
    if (!has_moments(dtype) || moments.count == 0) continue;
    output.set_attribute(name, "mean", Tensor::scalar(moments.mean));
    output.set_attribute(name, "std", Tensor::scalar(moments.deviation()));
    output.set_attribute(name, "min", extreme(moments, dtype, false));
    output.set_attribute(name, "max", extreme(moments, dtype, true));
  }
}

}  // namespace headrace::tool
