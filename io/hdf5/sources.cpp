// Where the bytes of a dataset come from if they are not in its file.
#include <filesystem>
#include <set>

#include <headrace/io/file.hpp>
#include <headrace/io/hdf5/array_info.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 8;              // virtual datasets of virtual datasets
constexpr std::int64_t kMost = 100'000;  // sources that one pattern names
constexpr auto kTrust = "; open it with trusted=True if you trust it";

/// "part-%b.h5" names one source after the other, until one is missing; "%%" is a percent sign.
std::string with_block(const std::string& pattern, std::int64_t block) {
  std::string name;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char next = pattern[i] == '%' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (next == 'b') {
      name += std::to_string(block);
    } else {
      name += pattern[i];
    }
    if (next == 'b' || next == '%') ++i;
  }
  return name;
}

bool counts(const std::string& pattern) { return with_block(pattern, 0) != with_block(pattern, 1); }

template <class Get>
std::string text_of(const Action& action, Get get) {
  std::string text(static_cast<std::size_t>(checked(action, get(nullptr, 0))), '\0');
  checked(action, get(text.data(), text.size() + 1));
  return text;
}

/// Where libhdf5 looks first for `name`, if that is in the folder of `file`.
std::string path_of_source(const Action& action, const OpenFile& file, const std::string& name) {
  const fs::path folder = parent_of(file.location());
  fs::path source = name;
  std::error_code ignored;
  if (source.is_absolute() && !fs::exists(source, ignored)) source = source.filename();  // the files were moved
  const fs::path inside = source.is_absolute()
                              ? fs::weakly_canonical(source, ignored).lexically_relative(fs::canonical(folder, ignored))
                              : source.lexically_normal();
  if (inside.empty() || *inside.begin() == "..")
    fail(action, "its source '" + name + "' is not in the folder of the file" + kTrust);
  const std::string path = folder / inside;
  if (!fs::exists(path, ignored)) fail(action, "its source '" + path + "' is missing");
  return path;
}

/// False where it is missing and may be: a pattern ends there.
bool check_source(const Action& action, const OpenFile& file, const std::string& name, bool may_miss, int depth) {
  const Action source{action.stage, action.what, name, file.path()};
  try {
    const Id dataset = file.open_object(source);
    if (H5Iget_type(dataset.get()) != H5I_DATASET) fail(source, "it is no array");
    check_sources(source, file, dataset.get(), depth + 1);
    return true;
  } catch (const IoError& error) {
    std::string refused;
    const Id access = link_access(source, file.trusted(), refused);
    if (may_miss && H5Lexists(file.id(source), name.c_str(), access.get()) == 0) return false;
    fail(action, "of its source: " + std::string(error.what()));
  }
}

class Sources {
 public:
  Sources(const Action& action, const OpenFile& file, int depth) : action_(action), file_(file), depth_(depth) {}

  void check(const std::string& file, const std::string& dataset) {
    const bool many_files = counts(file), many_datasets = counts(dataset);
    for (std::int64_t block = 0; block < (many_files || many_datasets ? kMost : 1); ++block) {
      const std::string path = with_block(file, block), object = full_name(with_block(dataset, block));
      if (many_files && !is_there(path)) return;
      if (!checked_.emplace(path, object).second) continue;
      if (!check_source(action_, open(path), object, many_datasets, depth_)) return;
    }
  }

 private:
  bool is_there(const std::string& name) const {
    std::error_code ignored;
    return fs::exists(fs::path(parent_of(file_.location())) / name, ignored);
  }
  const OpenFile& open(const std::string& name) {
    if (name == ".") return file_;
    if (opened_ && name == opened_name_) return *opened_;
    opened_ = std::make_shared<OpenFile>(action_.stage, path_of_source(action_, file_, name), false);
    opened_name_ = name;
    return *opened_;
  }

  const Action& action_;
  const OpenFile& file_;
  int depth_;
  std::set<std::pair<std::string, std::string>> checked_;
  std::shared_ptr<const OpenFile> opened_;  // neighbours are often in one file
  std::string opened_name_;
};

}  // namespace

void check_sources(const Action& action, const OpenFile& file, hid_t dataset, int depth) {
  if (file.trusted()) return;
  if (depth > kDeepest) fail(action, "virtual datasets refer to each other, or more than 8 deep");
  const Id creation = owned(action, H5Dget_create_plist(dataset));
  const hid_t id = creation.get();
  const H5D_layout_t layout = checked(action, H5Pget_layout(id));
  if (layout == H5D_CONTIGUOUS && checked(action, H5Pget_external_count(id)) > 0)
    fail(action, std::string("its bytes are in other files") + kTrust);
  if (layout != H5D_VIRTUAL) return;
  std::size_t count = 0;
  checked(action, H5Pget_virtual_count(id, &count));
  Sources sources(action, file, depth);
  for (std::size_t i = 0; i < count; ++i) {
    sources.check(text_of(action, [&](char* to, std::size_t n) { return H5Pget_virtual_filename(id, i, to, n); }),
                  text_of(action, [&](char* to, std::size_t n) { return H5Pget_virtual_dsetname(id, i, to, n); }));
  }
}

}  // namespace headrace::hdf5
