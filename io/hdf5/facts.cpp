// What objects take in a file.
#include <algorithm>
#include <cstring>

#include <headrace/io/file.hpp>
#include <headrace/io/hdf5/array_info.hpp>

namespace headrace::hdf5 {

namespace {

/// Libraries differ in whether they count a user block into a chunk's address, so its bytes are looked for.
std::int64_t behind_user_block(const Action& action, const OpenFile& file, hid_t dataset, const hsize_t* place,
                               haddr_t address, hsize_t size) {
  const auto stated = static_cast<std::int64_t>(address);
  const Id made = owned(action, H5Fget_create_plist(file.id(action)));
  hsize_t block = 0;
  checked(action, H5Pget_userblock(made.get(), &block));
  if (block == 0 || size > static_cast<hsize_t>(file.size())) return stated;
  std::vector<std::byte> chunk(size), there(size);
  unsigned mask = 0;
  if (H5Dread_chunk(dataset, H5P_DEFAULT, place, &mask, chunk.data()) < 0) return stated;
  const bool counted = read_fully(file.descriptor(), there.data(), size, stated) && there == chunk;
  return counted ? stated : stated + static_cast<std::int64_t>(block);
}

}  // namespace

Facts OpenFile::facts(std::string_view stage, const std::string& name) const {
  const Library library;
  const std::string full = full_name(name);
  const Action action{stage, "look at", full, path_};
  const Id object = open_object(action);
  Facts facts;
  H5O_info_t info{};
  checked(action, H5Oget_info2(object.get(), &info, H5O_INFO_NUM_ATTRS));
  facts.attributes = static_cast<std::int64_t>(info.num_attrs);
  if (H5Iget_type(object.get()) != H5I_DATASET) return facts;
  check_sources(action, *this, object.get());
  facts.stored_bytes = static_cast<std::int64_t>(H5Dget_storage_size(object.get()));
  const Id type = owned(action, H5Dget_type(object.get())), space = owned(action, H5Dget_space(object.get()));
  facts.pointers = holds_pointers(action, type.get());
  facts.nothing = H5Sget_simple_extent_type(space.get()) == H5S_NULL;
  hsize_t sizes[H5S_MAX_RANK] = {}, most[H5S_MAX_RANK] = {};
  const int rank = checked(action, H5Sget_simple_extent_ndims(space.get()));
  if (rank > H5S_MAX_RANK) fail(action, "it has " + std::to_string(rank) + " axes");
  checked(action, H5Sget_simple_extent_dims(space.get(), sizes, most));
  for (int axis = 0; axis < rank; ++axis)
    facts.most = facts.most.with_back(most[axis] == H5S_UNLIMITED ? -1 : static_cast<std::int64_t>(most[axis]));
  return facts;
}

std::optional<std::int64_t> OpenFile::chunk_place(std::string_view stage, const std::string& name,
                                                  const Shape& start) const {
  const Library library;
  const std::string full = full_name(name);
  const Action action{stage, "look for chunk", full, path_, &start};
  const Id object = open_object(action);
  hsize_t place[H5S_MAX_RANK] = {}, size = 0;
  std::copy(start.begin(), start.end(), place);
  unsigned mask = 0;
  haddr_t address = HADDR_UNDEF;
  if (H5Dget_chunk_info_by_coord(object.get(), place, &mask, &address, &size) < 0 || address == HADDR_UNDEF)
    return std::nullopt;
  return behind_user_block(action, *this, object.get(), place, address, size);
}

bool holds_pointers(const Action& action, hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_VLEN:
    case H5T_REFERENCE:
      return true;
    case H5T_STRING:
      return checked(action, H5Tis_variable_str(type)) > 0;
    case H5T_ARRAY:
      return holds_pointers(action, owned(action, H5Tget_super(type)).get());
    case H5T_COMPOUND:
      for (int i = 0; i < H5Tget_nmembers(type); ++i)
        if (holds_pointers(action, owned(action, H5Tget_member_type(type, static_cast<unsigned>(i))).get()))
          return true;
      return false;
    default:
      return false;
  }
}

}  // namespace headrace::hdf5
