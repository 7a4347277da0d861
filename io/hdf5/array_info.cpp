#include <headrace/io/hdf5/array_info.hpp>

#include <algorithm>
#include <cstring>

#include <headrace/io/hdf5/global_heap.hpp>
#include <headrace/io/hdf5/values.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

std::vector<Filter> filters_of(const Action& action, hid_t creation) {
  std::vector<Filter> filters;
  const int count = checked(action, H5Pget_nfilters(creation));
  for (unsigned place = 0; place < static_cast<unsigned>(count); ++place) {
    unsigned flags = 0, config = 0;
    std::size_t size = 0;
    char name[256] = "";
    const int id = H5Pget_filter2(creation, place, &flags, &size, nullptr, sizeof name, name, &config);
    checked(action, id);
    std::vector<unsigned> values(size);
    checked(action, H5Pget_filter2(creation, place, &flags, &size, values.data(), 0, nullptr, &config));
    name[sizeof name - 1] = '\0';
    filters.push_back({id, name, std::move(values)});
  }
  return filters;
}

/// Where nothing was written. A dataset that is never filled has zeros there, as h5py reads it.
void add_fill(const Action& action, hid_t creation, const Type& type, const OpenFile& file, Opened& opened) {
  opened.info.fill.resize(static_cast<std::size_t>(opened.info.item_bytes));
  H5D_fill_value_t defined{};
  checked(action, H5Pfill_value_defined(creation, &defined));
  H5D_fill_time_t when{};
  checked(action, H5Pget_fill_time(creation, &when));
  int stated = 0;  // a damaged file's may be none that there is
  static_assert(sizeof stated == sizeof when);
  std::memcpy(&stated, &when, sizeof stated);
  if (defined == H5D_FILL_VALUE_UNDEFINED || stated == H5D_FILL_TIME_NEVER || type.sequence_of) return;
  if (!type.dtype.variable_length()) {
    const hid_t form = type.slow.empty() ? type.memory.get() : type.stored.get();
    checked(action, H5Pget_fill_value(creation, form, opened.info.fill.data()));
  } else if (defined == H5D_FILL_VALUE_USER_DEFINED && type.axes.empty()) {
    char* text = nullptr;
    checked(action, H5Pget_fill_value(creation, type.memory.get(), &text));
    const LibraryText held(text);
    if (text) opened.fill_text = text;
    opened.info.fill = file.heap(action).form().fill();
  }
}

void add_chunks(const Action& action, hid_t creation, Opened& opened) {
  ArrayInfo& info = opened.info;
  info.layout = Layout::chunked;
  hsize_t sizes[H5S_MAX_RANK] = {};
  const int rank = checked(action, H5Pget_chunk(creation, H5S_MAX_RANK, sizes));
  if (rank != info.rank) fail(action, "its chunks have " + std::to_string(rank) + " axes");
  std::int64_t bytes = info.item_bytes;
  for (int axis = 0; axis < rank; ++axis) {
    if (sizes[axis] == 0 || sizes[axis] > UINT32_MAX || __builtin_mul_overflow(bytes, sizes[axis], &bytes))
      fail(action, "its chunks have an impossible size");
    info.chunk = info.chunk.with_back(static_cast<std::int64_t>(sizes[axis]));
  }
  info.filters = FilterPipeline(filters_of(action, creation));
  if (const auto unknown = info.filters.unknown()) info.slow_because = "filter " + *unknown;
  unsigned options = 0;
  checked(action, H5Pget_chunk_opts(creation, &options));
  opened.plain_edges = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
}

void add_place(const Action& action, const OpenFile& file, hid_t dataset, hid_t creation, ArrayInfo& info) {
  info.layout = Layout::contiguous;
  if (checked(action, H5Pget_external_count(creation)) > 0) {
    info.slow_because = "external storage";
    return;
  }
  H5D_space_status_t status{};
  checked(action, H5Dget_space_status(dataset, &status));
  if (status == H5D_SPACE_STATUS_NOT_ALLOCATED) return;
  const haddr_t stated = H5Dget_offset(dataset);
  const auto counted = offset_counts_user_block();
  const std::int64_t bytes = info.item_bytes * element_count(dataset_shape(info));
  if (stated == HADDR_UNDEF && bytes == 0) return;
  if (stated == HADDR_UNDEF || !counted || H5Dget_storage_size(dataset) != static_cast<hsize_t>(bytes)) {
    info.slow_because = "bytes in an unknown place";
    return;
  }
  const Id made = owned(action, H5Fget_create_plist(file.id(action)));
  hsize_t user_block = 0;
  checked(action, H5Pget_userblock(made.get(), &user_block));
  info.offset = static_cast<std::int64_t>(stated + (*counted ? 0 : user_block));
}

void add_layout(const Action& action, const OpenFile& file, hid_t dataset, hid_t creation, Opened& opened) {
  switch (checked(action, H5Pget_layout(creation))) {
    case H5D_CHUNKED:
      return add_chunks(action, creation, opened);
    case H5D_CONTIGUOUS:
      return add_place(action, file, dataset, creation, opened.info);
    case H5D_COMPACT:
      opened.info.layout = Layout::compact;
      opened.info.slow_because = "compact dataset";
      return;
    case H5D_VIRTUAL:
      opened.info.layout = Layout::virtual_layout;
      opened.info.slow_because = "virtual dataset";
      return;
    default:
      fail(action, "libhdf5 does not know its layout");
  }
}

}  // namespace

Opened open_info(const Action& action, const OpenFile& file, hid_t dataset, bool as_stored) {
  check_sources(action, file, dataset);
  const Id space = owned(action, H5Dget_space(dataset));
  const Id type = owned(action, H5Dget_type(dataset));
  const Id creation = owned(action, H5Dget_create_plist(dataset));
  Stored stored =
      as_stored ? stored_elements(action, space.get(), type.get()) : stored_values(action, space.get(), type.get());
  require<TypeError>(static_cast<bool>(stored.type.dtype), action.stage, "'", action.object, "' in '", action.file,
                     "' has no dtype: it holds ", stored.type.why);
  Opened opened;
  ArrayInfo& info = opened.info;
  info.name = action.object;
  info.shape = stored.shape;
  info.rank = stored.rank;
  info.dtype = stored.type.dtype;
  info.item_bytes = stored.item_bytes;
  if (stored.type.sequence_of || info.dtype.variable_length()) {
    info.item_bytes = file.heap(action).form().bytes() * element_count(stored.type.axes);
    info.heap_bytes = file.size() / std::max<std::int64_t>(element_count(dataset_shape(info)), 1);
  }
  if (stored.type.sequence_of) {
    info.dtype = DType::record({}, info.item_bytes);
    info.sequences = {stored.type.sequence_of->dtype, stored.type.sequence_of->axes};
  }
  add_layout(action, file, dataset, creation.get(), opened);
  info.fixes = stored.type.fixes;
  info.converted_because = stored.type.slow;
  if (!file.holds(action, dataset)) {
    info.slow_because = "behind an external link";
    info.offset.reset();
  }
  if (info.slow_because.empty() && !(as_stored && holds_pointers(action, type.get())))
    add_fill(action, creation.get(), stored.type, file, opened);
  opened.type = std::move(stored.type);
  return opened;
}

}  // namespace headrace::hdf5
