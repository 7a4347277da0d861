// From names to objects: how links are followed, and what there is when a name is not.
#include <algorithm>
#include <filesystem>

#include <headrace/io/file.hpp>
#include <headrace/io/hdf5/open_file.hpp>

namespace headrace::hdf5 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamed = 10;  // of what there is, in errors
constexpr int kMostSteps = 64;      // soft links on the way to an object

herr_t refuse(const char*, const char*, const char* file, const char* object, unsigned*, hid_t, void* refused) {
  try {
    *static_cast<std::string*>(refused) =
        std::string("an external link to '") + object + "' in '" + file + "', which is followed only with trusted=True";
  } catch (...) {  // the refusal stands
  }
  return -1;
}

/// A trusted file's link is followed, unless it leads to what never ends or for whose other end libhdf5 would wait.
herr_t follow_to_file(const char* parent, const char*, const char* file, const char* object, unsigned*, hid_t,
                      void* refused) {
  try {
    std::error_code ignored;
    for (const fs::path& place : {fs::path(parent_of(parent)) / file, fs::path(file)}) {
      if (!fs::exists(place, ignored) || fs::is_regular_file(place, ignored)) continue;
      *static_cast<std::string*>(refused) =
          std::string("an external link to '") + object + "' in '" + file + "', which is no plain file";
      return -1;
    }
    return 0;
  } catch (...) {
    return -1;
  }
}

struct Listing {
  std::vector<Link> links;
  std::size_t limit;
  bool out_of_memory = false;
};

herr_t list_link(hid_t, const char* name, const H5L_info_t* info, void* data) {
  auto& listing = *static_cast<Listing*>(data);
  if (listing.links.size() >= listing.limit) return 1;
  try {
    listing.links.push_back({name, info->type});
  } catch (...) {  // must not pass through libhdf5
    listing.out_of_memory = true;
    return -1;
  }
  return 0;
}

/// "'images', 'labels'"
std::string some_links(const Action& action, hid_t group) {
  const auto links = links_of(action, group, kNamed + 1);
  std::string text = links.empty() ? "nothing" : "";
  for (std::size_t i = 0; i < std::min(links.size(), kNamed); ++i) text += (i ? ", '" : "'") + links[i].name + "'";
  return text + (links.size() > kNamed ? ", ..." : "");
}

/// "there is no '/imges'; '/' holds 'images', 'labels'"; empty if the name is there all the same.
std::string missing(const Action& action, hid_t file, hid_t access, const std::string& name) {
  for (std::size_t begin = 0; begin != std::string::npos; begin = name.find('/', begin + 1)) {
    const std::string above = begin == 0 ? "/" : name.substr(0, begin);
    const std::string part = name.substr(0, name.find('/', begin + 1));
    const Id group(H5Oopen(file, above.c_str(), access));
    if (!group) return "";
    if (H5Iget_type(group.get()) != H5I_GROUP) return "there is no '" + part + "'; '" + above + "' is no group";
    if (H5Lexists(file, part.c_str(), access) == 0)
      return "there is no '" + part + "'; '" + above + "' holds " + some_links(action, group.get());
  }
  return "";
}

/// The target of a soft link, from the root.
std::string target_of(const Action& action, hid_t file, const std::string& link, std::size_t size) {
  std::string target(size, '\0');
  checked(action, H5Lget_val(file, link.c_str(), target.data(), size, H5P_DEFAULT));
  target.resize(std::min(target.find('\0'), size));
  return full_name(target.starts_with('/') ? target : link.substr(0, link.rfind('/') + 1) + target);
}

/// `steps`: links that may still be followed.
bool is_nowhere(const Action& action, hid_t file, hid_t access, const std::string& name, int& steps) {
  for (std::size_t end = 0; end < name.size();) {
    end = std::min(name.find('/', end + 1), name.size());
    const std::string part = name.substr(0, end);
    const htri_t there = H5Lexists(file, part.c_str(), access);
    if (there <= 0) return there == 0;
    H5L_info_t info{};
    checked(action, H5Lget_info(file, part.c_str(), &info, access));
    if (info.type != H5L_TYPE_SOFT) continue;
    if (steps-- == 0 || is_nowhere(action, file, access, target_of(action, file, part, info.u.val_size), steps))
      return true;
  }
  return false;
}

}  // namespace

bool leads_nowhere(const Action& action, const OpenFile& file) {
  std::string refused;
  const Id access = link_access(action, file.trusted(), refused);
  int steps = kMostSteps;
  return is_nowhere(action, file.id(action), access.get(), action.object, steps);
}

std::string full_name(std::string_view name) {
  std::string full;
  for (std::size_t begin = 0; begin < name.size();) {
    const auto end = std::min(name.find('/', begin), name.size());
    const auto part = name.substr(begin, end - begin);
    if (!part.empty() && part != ".") full.append("/").append(part);
    begin = end + 1;
  }
  return full.empty() ? "/" : full;
}

Id link_access(const Action& action, bool trusted, std::string& refused) {
  Id access = owned(action, H5Pcreate(H5P_LINK_ACCESS));
  if (trusted) {
    const Id file = owned(action, H5Pcreate(H5P_FILE_ACCESS));
    checked(action, H5Pset_file_locking(file.get(), false, true));
    checked(action, H5Pset_elink_fapl(access.get(), file.get()));
    checked(action, H5Pset_elink_cb(access.get(), follow_to_file, &refused));
  } else {
    checked(action, H5Pset_elink_cb(access.get(), refuse, &refused));
  }
  return access;
}

std::vector<Link> links_of(const Action& action, hid_t group, std::size_t limit) {
  Listing listing{{}, limit};
  hsize_t place = 0;
  // As they are stored, then put in order here: for an order libhdf5 makes a table, and 1.10.8 frees what was never in
  // it where a damaged file has fewer links than it says.
  const herr_t result = H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &place, list_link, &listing);
  if (listing.out_of_memory) throw std::bad_alloc();
  checked(action, result);
  std::sort(listing.links.begin(), listing.links.end(), [](const Link& a, const Link& b) { return a.name < b.name; });
  return std::move(listing.links);
}

Id OpenFile::open_object(const Action& action) const {
  std::string refused;
  const hid_t file = id(action);
  const Id access = link_access(action, trusted_, refused);
  Id object(H5Oopen(file, action.object.c_str(), access.get()));
  if (object) return object;
  std::string cause = last_message();
  if (!refused.empty()) fail(action, "it is " + refused);
  const std::string absent = missing(action, file, access.get(), action.object);
  if (!refused.empty()) fail(action, "the way leads through " + refused);
  fail(action, absent.empty() ? cause : absent);
}

bool OpenFile::holds(const Action& action, hid_t object) const {
  H5O_info_t root{}, info{};
  checked(action, H5Oget_info2(id(action), &root, H5O_INFO_BASIC));
  checked(action, H5Oget_info2(object, &info, H5O_INFO_BASIC));
  return root.fileno == info.fileno;
}

}  // namespace headrace::hdf5
