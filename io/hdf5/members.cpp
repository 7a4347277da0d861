// What stands in a group, and attributes.
#include <fnmatch.h>

#include <limits>
#include <set>

#include <headrace/io/hdf5/array_info.hpp>
#include <headrace/io/hdf5/open_file.hpp>
#include <headrace/io/hdf5/values.hpp>
#include <headrace/io/hdf5/values_copy.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

constexpr auto kAll = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kLongest = 4096;  // of a group that is looked into: names grow with the square of the depth

void describe(const Action& action, const OpenFile& file, hid_t object, Member& member) {
  switch (H5Iget_type(object)) {
    case H5I_GROUP:
      member.group = true;
      member.place = place_of(action, object);
      return;
    case H5I_DATASET: {
      check_sources(action, file, object);
      const Id space = owned(action, H5Dget_space(object));
      const Id type = owned(action, H5Dget_type(object));
      const Stored stored = stored_values(action, space.get(), type.get());
      member.shape = stored.shape;
      member.sequences = stored.type.sequence_of != nullptr;
      member.dtype = member.sequences ? stored.type.sequence_of->dtype : stored.type.dtype;
      member.why = stored.type.why;
      return;
    }
    default:
      member.why = kNamedType;
  }
}

/// Looks into groups one after the other; every group is looked into once, under the name that comes first.
class Walk {
 public:
  Walk(const OpenFile& file, std::string_view stage, bool deep) : file_(file), stage_(stage), deep_(deep) {}

  std::vector<Member> run(const std::string& group) {
    look_into(group, true);
    while (!pending_.empty()) {
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      add(next);
    }
    return std::move(found_);
  }

 private:
  struct Pending {
    std::string name;
    H5L_type_t type;
  };

  void look_into(const std::string& name, bool first) {
    const Action action{stage_, "list", name, file_.path()};
    const Id group = file_.open_object(action);
    if (H5Iget_type(group.get()) != H5I_GROUP) fail(action, "it is no group");
    if (!seen_.insert(place_of(action, group.get())).second || (!first && !deep_)) return;
    if (name.size() > kLongest) fail(action, "its name has " + std::to_string(name.size()) + " bytes");
    const auto links = links_of(action, group.get(), kAll);
    for (auto link = links.rbegin(); link != links.rend(); ++link)  // the last is taken first
      pending_.push_back({(name == "/" ? "" : name) + "/" + link->name, link->type});
  }

  void add(const Pending& next) {
    Member& member = found_.emplace_back();
    member.name = next.name;
    try {
      const Action action{stage_, "open", member.name, file_.path()};
      describe(action, file_, file_.open_object(action).get(), member);
      if (member.group && deep_) look_into(next.name, false);
    } catch (const IoError& error) {  // a link to nowhere, or one that is not followed: the others can be read
      member.why = error.what();
      member.dangling = next.type == H5L_TYPE_SOFT && leads_nowhere({stage_, "open", next.name, file_.path()}, file_);
      member.broken = !member.dangling;
    }
  }

  const OpenFile& file_;
  std::string_view stage_;
  bool deep_;
  std::set<Place> seen_;
  std::vector<Pending> pending_;
  std::vector<Member> found_;
};

struct Names {
  std::vector<std::string> all;
  bool out_of_memory = false;
};

herr_t take_name(hid_t, const char* name, const H5A_info_t*, void* data) {
  auto& names = *static_cast<Names*>(data);
  try {
    names.all.emplace_back(name);
  } catch (...) {  // must not pass through libhdf5
    names.out_of_memory = true;
    return -1;
  }
  return 0;
}

Tensor attribute_value(const Action& action, const OpenFile& file, hid_t attribute) {
  const Id space = owned(action, H5Aget_space(attribute));
  const Id type = owned(action, H5Aget_type(attribute));
  const Stored stored = stored_values(action, space.get(), type.get());
  if (!stored.type.dtype || stored.type.sequence_of) return {};
  const std::int64_t count = checked(action, H5Sget_simple_extent_npoints(space.get()));
  if (count * stored.item_bytes > file.size()) fail(action, "it claims more bytes than the file has");
  return read_values(action, stored.type, stored.shape, count,
                     [&](void* room) { return H5Aread(attribute, stored.type.memory.get(), room); });
}

}  // namespace

std::vector<Member> OpenFile::members(std::string_view stage, const std::string& group, bool deep) const {
  const Library library;
  return Walk(*this, stage, deep).run(full_name(group));
}

std::vector<std::string> OpenFile::groups(std::string_view stage, const std::string& group,
                                          const std::string& pattern) const {
  const Library library;
  const std::string full = full_name(group), front = full == "/" ? full : full + "/";
  const Action listing{stage, "list", full, path_};
  const Id held = open_object(listing);
  if (H5Iget_type(held.get()) != H5I_GROUP) fail(listing, "it is no group");
  std::string refused;
  const Id access = link_access(listing, trusted_, refused);
  std::vector<std::string> found;
  for (const Link& link : links_of(listing, held.get(), kAll)) {
    if (fnmatch(pattern.c_str(), link.name.c_str(), FNM_PATHNAME) != 0) continue;
    std::string name = front + link.name;
    Id object(H5Oopen(held.get(), link.name.c_str(), access.get()));
    if (!object) object = open_object({stage, "open", name, path_});  // which says why not
    if (H5Iget_type(object.get()) == H5I_GROUP) found.push_back(std::move(name));
  }
  require_whole(listing);
  return found;
}

std::vector<Member> OpenFile::look_up(std::string_view stage, const std::string& group,
                                      std::span<const std::string> names) const {
  const Library library;
  const std::string full = full_name(group), front = full == "/" ? full : full + "/";
  const Action opening{stage, "open", full, path_};
  const Id held = open_object(opening);
  std::string refused;
  const Id access = link_access(opening, trusted_, refused);
  std::vector<Member> found;
  for (const std::string& name : names) {
    Member& member = found.emplace_back();
    member.name = front + name;
    const Action action{stage, "open", member.name, path_};
    Id object(H5Oopen(held.get(), name.c_str(), access.get()));
    if (!object) object = open_object(action);  // which says why not
    describe(action, *this, object.get(), member);
  }
  return found;
}

bool OpenFile::is_group(std::string_view stage, const std::string& name) const {
  const Library library;
  const std::string object = full_name(name);
  return H5Iget_type(open_object({stage, "open", object, path_}).get()) == H5I_GROUP;
}

Member OpenFile::member(std::string_view stage, const std::string& name) const {
  const Library library;
  Member member;
  member.name = full_name(name);
  const Action action{stage, "open", member.name, path_};
  describe(action, *this, open_object(action).get(), member);
  return member;
}

std::vector<Attribute> OpenFile::attributes(std::string_view stage, const std::string& object) const {
  const Library library;
  const std::string full = full_name(object);
  const Action listing{stage, "list the attributes of", full, path_};
  const Id held = open_object(listing);
  Names names;
  hsize_t place = 0;
  const herr_t listed = H5Aiterate2(held.get(), H5_INDEX_NAME, H5_ITER_INC, &place, take_name, &names);
  if (names.out_of_memory) throw std::bad_alloc();
  checked(listing, listed);
  std::vector<Attribute> result;
  for (const std::string& name : names.all) {
    const std::string what = "read attribute '" + name + "' of";
    const Action action{stage, what.c_str(), full, path_};
    const Id attribute = owned(action, H5Aopen(held.get(), name.c_str(), H5P_DEFAULT));
    result.push_back({name, attribute_value(action, *this, attribute.get())});
  }
  require_whole(listing);
  return result;
}

}  // namespace headrace::hdf5
