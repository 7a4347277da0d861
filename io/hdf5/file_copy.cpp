#include <headrace/io/hdf5/file_copy.hpp>

#include <algorithm>
#include <optional>

#include <headrace/io/hdf5/array_info.hpp>
#include <headrace/io/hdf5/values_copy.hpp>
#include <headrace/io/part_file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

constexpr std::int64_t kEntry = 128;    // about what a file needs for a chunk besides its bytes
constexpr std::int64_t kObject = 2048;  // and for an object, or an attribute
const std::string kNone;

/// A link that is made as it was: to an object that has another name already, soft, or to another file.
struct OtherLink {
  H5L_type_t type;
  std::string name, target, file;
};

Id untimed(const Action& action, hid_t kind) {
  Id creation = owned(action, H5Pcreate(kind));
  checked(action, H5Pset_obj_track_times(creation.get(), false));
  return creation;
}

herr_t take_name(hid_t, const char* name, const H5A_info_t*, void* data) {
  try {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
  } catch (...) {  // must not pass through libhdf5
    return -1;
  }
}

/// What datasets are filled with where nothing was written, as in the other one.
void copy_fill(const Action& action, hid_t dataset, hid_t type, hid_t creation) {
  const Id from = owned(action, H5Dget_create_plist(dataset));
  H5D_fill_value_t defined{};
  checked(action, H5Pfill_value_defined(from.get(), &defined));
  if (defined != H5D_FILL_VALUE_USER_DEFINED) return;
  Values value(action, type, 1);
  checked(action, H5Pget_fill_value(from.get(), value.type(), value.data()));
  checked(action, H5Pset_fill_value(creation, value.type(), value.data()));
}

void set_layout(const Action& action, hid_t creation, const NewLayout& layout) {
  if (layout.chunk.empty()) return;
  const std::vector<hsize_t> sizes(layout.chunk.begin(), layout.chunk.end());
  checked(action, H5Pset_chunk(creation, static_cast<int>(sizes.size()), sizes.data()));
  if (layout.plain_edges) checked(action, H5Pset_chunk_opts(creation, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS));
  for (const Filter& filter : layout.filters)
    checked(action,
            H5Pset_filter(creation, filter.id, filter.id == kFletcher32 ? H5Z_FLAG_MANDATORY : H5Z_FLAG_OPTIONAL,
                          filter.values.size(), filter.values.data()));
}

}  // namespace

struct FileCopy::Impl {
  std::string stage;
  std::shared_ptr<const OpenFile> from;
  std::map<Place, std::string> names;  // of objects; the first one of each
  std::vector<std::string> groups, types, datasets, left_out;
  std::vector<OtherLink> links;
  std::vector<bool> made;  // a dataset each
  std::optional<PartFile> part;
  Id file, links_creation;
  std::size_t current = SIZE_MAX;  // the dataset that is open
  Id read, written;

  Impl(std::string_view stage_name, const std::shared_ptr<const File>& file_read)
      : stage(stage_name), from(std::static_pointer_cast<const OpenFile>(file_read)) {}
  ~Impl() {
    if (!Library::lives()) return;
    const Library library;
    close();
  }
  void close() {
    for (Id* id : {&read, &written, &links_creation, &file}) id->close();
  }

  Action reading(const char* what, const std::string& object) const { return {stage, what, object, from->path()}; }
  Action writing(const char* what, const std::string& object) const { return {stage, what, object, part->path()}; }

  void look_into(const std::string& group, std::vector<std::string>& pending) {
    const Action action = reading("list", group);
    const Id held = from->open_object(action);
    for (const Link& link : links_of(action, held.get(), SIZE_MAX)) {
      const std::string name = (group == "/" ? "" : group) + "/" + link.name;
      try {
        look_at(name, link.type, pending);
      } catch (const IoError& error) {
        left_out.push_back(name + ": " + error.what());
      }
    }
  }

  void look_at(const std::string& name, H5L_type_t type, std::vector<std::string>& pending) {
    const Action action = reading("open", name);
    if (type != H5L_TYPE_HARD) return keep_link(action, name, type);
    const Id object = from->open_object(action);
    const auto [known, fresh] = names.emplace(place_of(action, object.get()), name);
    if (!fresh) return links.push_back({H5L_TYPE_HARD, name, known->second, ""});
    switch (H5Iget_type(object.get())) {
      case H5I_GROUP:
        groups.push_back(name);
        return pending.push_back(name);
      case H5I_DATATYPE:
        return types.push_back(name);
      case H5I_DATASET:
        check_sources(action, *from, object.get());
        if (!holds_regions(action, owned(action, H5Dget_type(object.get())).get())) return datasets.push_back(name);
        names.erase(known);
        return left_out.push_back(name + ": references to regions");
      default:
        left_out.push_back(name + ": an object of a kind that libhdf5 does not know");
    }
  }

  void keep_link(const Action& action, const std::string& name, H5L_type_t type) {
    H5L_info_t info{};
    const hid_t id = from->id(action);
    checked(action, H5Lget_info(id, name.c_str(), &info, H5P_DEFAULT));
    std::string target(info.u.val_size + 1, '\0');
    checked(action, H5Lget_val(id, name.c_str(), target.data(), info.u.val_size, H5P_DEFAULT));
    if (type == H5L_TYPE_SOFT) return links.push_back({type, name, target.c_str(), ""});
    const char *other = nullptr, *object = nullptr;
    unsigned flags = 0;
    if (type != H5L_TYPE_EXTERNAL || H5Lunpack_elink_val(target.data(), info.u.val_size, &flags, &other, &object) < 0)
      return left_out.push_back(name + ": a link of a kind that is not known");
    links.push_back({type, name, object, other});
  }

  /// Whether an object could be made; else it is left out. Not for want of room, which there is then.
  template <class Make>
  bool unless_damaged(const std::string& name, const Make& make) {
    part->reserve(kObject);
    try {
      make();
      return true;
    } catch (const IoError& error) {
      left_out.push_back(name + ": " + error.what());
      return false;
    }
  }

  void make_link(const OtherLink& link) {
    const Action action = writing("link", link.name);
    const hid_t id = file.get(), creation = links_creation.get();
    const char *name = link.name.c_str(), *target = link.target.c_str();
    if (link.type == H5L_TYPE_HARD)
      checked(action, H5Lcreate_hard(id, target, id, name, creation, H5P_DEFAULT));
    else if (link.type == H5L_TYPE_SOFT)
      checked(action, H5Lcreate_soft(target, id, name, creation, H5P_DEFAULT));
    else
      checked(action, H5Lcreate_external(link.file.c_str(), target, id, name, creation, H5P_DEFAULT));
  }

  /// A dataset's type, or the new one of that name.
  Id type_for(const Action& action, hid_t type) const {
    if (H5Tcommitted(type) > 0)
      if (const auto name = names.find(place_of(action, type)); name != names.end())
        return owned(action, H5Topen2(file.get(), name->second.c_str(), H5P_DEFAULT));
    return owned(action, H5Tcopy(type));
  }

  void make_dataset(const std::string& name, const NewLayout& layout) {
    const Action look = reading("open", name), make = writing("create", name);
    const Id dataset = from->open_object(look);
    const Id type = owned(look, H5Dget_type(dataset.get())), space = owned(look, H5Dget_space(dataset.get()));
    const Id creation = untimed(make, H5P_DATASET_CREATE);
    copy_fill(make, dataset.get(), type.get(), creation.get());
    set_layout(make, creation.get(), layout);
    owned(make, H5Dcreate2(file.get(), name.c_str(), type_for(make, type.get()).get(), space.get(),
                           links_creation.get(), creation.get(), H5P_DEFAULT));
  }

  void copy_attributes(const std::string& name) {
    const Action action = reading("list the attributes of", name);
    const Id object = from->open_object(action);
    const Id made = owned(writing("open", name), H5Oopen(file.get(), name.c_str(), H5P_DEFAULT));
    std::vector<std::string> all;
    hsize_t place = 0;
    checked(action, H5Aiterate2(object.get(), H5_INDEX_NAME, H5_ITER_INC, &place, take_name, &all));
    for (const std::string& attribute : all) {
      try {
        if (!copy_attribute(object.get(), made.get(), name, attribute))
          left_out.push_back(name + "@" + attribute + ": references to what is not there, or to regions");
      } catch (const IoError& error) {
        left_out.push_back(name + "@" + attribute + ": " + error.what());
      }
    }
  }

  bool copy_attribute(hid_t object, hid_t made, const std::string& owner, const std::string& name) {
    const std::string what = "copy attribute '" + name + "' of";
    const Action action = reading(what.c_str(), owner);
    const Id attribute = owned(action, H5Aopen(object, name.c_str(), H5P_DEFAULT));
    const Id type = owned(action, H5Aget_type(attribute.get())), space = owned(action, H5Aget_space(attribute.get()));
    if (holds_regions(action, type.get())) return false;
    const Id creation = owned(action, H5Aget_create_plist(attribute.get()));
    const std::int64_t count = checked(action, H5Sget_simple_extent_npoints(space.get()));
    if (count > from->size()) fail(action, "it claims more values than the file has bytes");
    Values values(action, type.get(), count);
    bool all = true;
    if (count > 0) {
      checked(action, H5Aread(attribute.get(), values.type(), values.data()));
      all = values.carry(action, {from->id(action), file.get(), &names});
    }
    part->reserve(kObject + values.stored_bytes());
    const Id copy = owned(action, H5Acreate2(made, name.c_str(), type_for(action, type.get()).get(), space.get(),
                                             creation.get(), H5P_DEFAULT));
    if (count > 0) checked(action, H5Awrite(copy.get(), values.type(), values.data()));
    return all;
  }

  /// The datasets with this number, here and there.
  void open(std::size_t dataset) {
    if (current == dataset) return;
    const std::string& name = datasets[dataset];
    read = from->open_object(reading("open", name));
    written = owned(writing("open", name), H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT));
    current = dataset;
  }

  /// Calls go(memory space, file space, elements) for rows of the dataset that is open.
  template <class Go>
  void with_rows(const Action& action, std::int64_t first, std::int64_t count, const Go& go) {
    const Id space = owned(action, H5Dget_space(written.get()));
    hsize_t sizes[H5S_MAX_RANK] = {1}, starts[H5S_MAX_RANK] = {static_cast<hsize_t>(first)};
    const int rank = checked(action, H5Sget_simple_extent_dims(space.get(), sizes, nullptr));
    sizes[0] = static_cast<hsize_t>(rank > 0 ? count : 1);
    if (rank > 0) checked(action, H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, starts, nullptr, sizes, nullptr));
    const Id memory = owned(action, H5Screate_simple(std::max(rank, 1), sizes, nullptr));
    const std::int64_t elements = checked(action, H5Sget_simple_extent_npoints(memory.get()));
    if (elements > 0) go(memory.get(), space.get(), elements);
  }
};

FileCopy::FileCopy(std::string_view stage, std::shared_ptr<const File> from)
    : impl_(std::make_unique<Impl>(stage, from)) {
  const Library library;
  const std::string root = "/";
  const Action action = impl_->reading("open", root);
  impl_->names.emplace(place_of(action, impl_->from->open_object(action).get()), root);
  std::vector<std::string> pending{root};
  for (std::size_t i = 0; i < pending.size(); ++i) impl_->look_into(std::string(pending[i]), pending);
}

FileCopy::~FileCopy() = default;
const std::vector<std::string>& FileCopy::datasets() const { return impl_->datasets; }
const std::vector<std::string>& FileCopy::left_out() const { return impl_->left_out; }

void FileCopy::begin(const std::string& path, std::span<const NewLayout> layouts) {
  const Library library;
  Impl& impl = *impl_;
  impl.part.emplace(impl.stage, path);
  const Action action = impl.writing("create", kNone);
  impl.file = create_file(action);
  impl.links_creation = owned(action, H5Pcreate(H5P_LINK_CREATE));
  checked(action, H5Pset_char_encoding(impl.links_creation.get(), H5T_CSET_UTF8));
  const hid_t file = impl.file.get(), links = impl.links_creation.get();
  for (const std::string& name : impl.groups) {
    impl.part->reserve(kObject);
    owned(impl.writing("create", name),
          H5Gcreate2(file, name.c_str(), links, untimed(action, H5P_GROUP_CREATE).get(), H5P_DEFAULT));
  }
  for (const std::string& name : impl.types) {
    const Action make = impl.writing("create", name);
    const Id copy = owned(make, H5Tcopy(impl.from->open_object(impl.reading("open", name)).get()));
    impl.part->reserve(kObject);
    checked(make,
            H5Tcommit2(file, name.c_str(), copy.get(), links, untimed(make, H5P_DATATYPE_CREATE).get(), H5P_DEFAULT));
  }
  for (std::size_t i = 0; i < impl.datasets.size(); ++i)
    impl.made.push_back(
        impl.unless_damaged(impl.datasets[i], [&] { impl.make_dataset(impl.datasets[i], layouts[i]); }));
  for (const OtherLink& link : impl.links) impl.unless_damaged(link.name, [&] { impl.make_link(link); });
  impl.copy_attributes("/");
  for (const auto* list : {&impl.groups, &impl.types})
    for (const std::string& name : *list) impl.copy_attributes(name);
  for (std::size_t i = 0; i < impl.datasets.size(); ++i)
    if (impl.made[i]) impl.copy_attributes(impl.datasets[i]);
}

bool FileCopy::made(std::size_t dataset) const { return impl_->made[dataset]; }

void FileCopy::write_chunk(std::size_t dataset, const Shape& start, std::uint32_t filter_mask,
                           std::span<const std::byte> stored) {
  const Library library;
  impl_->open(dataset);
  hsize_t place[H5S_MAX_RANK] = {};
  std::copy(start.begin(), start.end(), place);
  impl_->part->reserve(static_cast<std::int64_t>(stored.size()) + kEntry);
  checked(impl_->writing("write", impl_->datasets[dataset]),
          H5Dwrite_chunk(impl_->written.get(), H5P_DEFAULT, filter_mask, place, stored.size(), stored.data()));
}

void FileCopy::write_rows(std::size_t dataset, std::int64_t first, const Tensor& rows) {
  const Library library;
  impl_->open(dataset);
  const Action action = impl_->writing("write", impl_->datasets[dataset]);
  const Id type = owned(action, H5Dget_type(impl_->written.get()));
  impl_->with_rows(action, first, rows.ndim() > 0 ? rows.shape()[0] : 1, [&](hid_t memory, hid_t space, std::int64_t) {
    impl_->part->reserve(rows.nbytes() + kEntry);
    checked(action, H5Dwrite(impl_->written.get(), type.get(), memory, space, H5P_DEFAULT, rows.data()));
  });
}

void FileCopy::copy_values(std::size_t dataset, std::int64_t first, std::int64_t count) {
  const Library library;
  const Plugins plugins(false);
  impl_->open(dataset);
  const std::string& name = impl_->datasets[dataset];
  const Action action = impl_->reading("copy", name);
  const Id type = owned(action, H5Dget_type(impl_->read.get()));
  impl_->with_rows(action, first, count, [&](hid_t memory, hid_t space, std::int64_t elements) {
    Values values(action, type.get(), elements);
    try {
      checked(action, H5Dread(impl_->read.get(), values.type(), memory, space, H5P_DEFAULT, values.data()));
      if (!values.carry(action, {impl_->from->id(action), impl_->file.get(), &impl_->names}))
        impl_->left_out.push_back(name + ": references to what is not there");
    } catch (const IoError& error) {
      throw ReadError(error.what());
    }
    impl_->part->reserve(values.stored_bytes() + kEntry);
    checked(impl_->writing("write", name),
            H5Dwrite(impl_->written.get(), values.type(), memory, space, H5P_DEFAULT, values.data()));
  });
}

void FileCopy::set_attribute(std::size_t dataset, const std::string& name, const Tensor& numbers) {
  const Library library;
  impl_->open(dataset);
  const Action action = impl_->writing("write an attribute of", impl_->datasets[dataset]);
  const std::vector<hsize_t> sizes(numbers.shape().begin(), numbers.shape().end());
  const Id space = owned(action, H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr));
  impl_->part->reserve(numbers.nbytes() + kObject);
  const Id attribute = owned(
      action, H5Acreate2(impl_->written.get(), name.c_str(), H5T_STD_I64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT));
  checked(action, H5Awrite(attribute.get(), H5T_NATIVE_INT64, numbers.values<std::int64_t>().data()));
}

void FileCopy::finish() {
  {
    const Library library;
    for (Id* id : {&impl_->read, &impl_->written, &impl_->links_creation}) id->close();
    checked(impl_->writing("write", kNone), H5Fclose(impl_->file.release()));
  }
  impl_->part->finish();
}

}  // namespace headrace::hdf5
