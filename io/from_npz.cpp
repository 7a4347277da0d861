#include <headrace/io/from_npz.hpp>

#include <algorithm>

#include <headrace/io/hdf5/leaves.hpp>
#include <headrace/io/input_files.hpp>
#include <headrace/io/npy/column.hpp>
#include <headrace/io/utf8.hpp>

namespace headrace {

namespace {

constexpr std::string_view kEnding = ".npy";
constexpr std::size_t kMostListed = 12;

/// The arrays of a file: members that end in .npy, without that.
struct Archive {
  Archive(const StampedFiles& set, std::size_t number) : files(set), file(number) {
    for (ZipMember& member : zip_members(set, number)) {
      if (!member.name.ends_with(kEnding)) continue;
      names.push_back(member.name.substr(0, member.name.size() - kEnding.size()));
      members.push_back(std::move(member));
    }
  }

  std::string listed() const {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i == kMostListed) return text + ", ...";
      text += (text.empty() ? "'" : ", '") + names[i] + "'";
    }
    return text.empty() ? "no array" : text;
  }
  NpyPart part(const std::string& name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    require(found != names.end(), files.stage(), "arrays must be in '", files.paths()[file], "', got '", name,
            "'; there is ", listed());
    return npz_part(files, file, members[static_cast<std::size_t>(found - names.begin())], name);
  }

  const StampedFiles& files;
  std::size_t file;
  std::vector<std::string> names;
  std::vector<ZipMember> members;
};

struct Chosen {
  StructurePtr structure;
  std::vector<std::string> names;
};

Chosen all_of(const Archive& archive) {
  const std::string& path = archive.files.paths()[archive.file];
  require(!archive.names.empty(), archive.files.stage(), "a file must hold arrays, got none in '", path, "'");
  std::string shapes;
  bool equal = true;
  std::int64_t rows = -1;
  for (std::size_t i = 0; i < archive.names.size(); ++i) {
    const std::string& name = archive.names[i];
    require(is_utf8(name), archive.files.stage(), "names must be UTF-8 to be keys, got '", escaped(name), "' in '",
            path, "'; name the arrays that you want");
    const NpyHead head = archive.part(name).head;
    if (i == 0 && !head.shape.empty()) rows = head.shape.front();
    equal = equal && !head.shape.empty() && head.shape.front() == rows;
    if (i <= kMostListed)
      shapes += (i ? ", " : "") + (i < kMostListed ? "'" + name + "' " + to_string(head.shape) : "...");
  }
  require(equal, archive.files.stage(), "the arrays of '", path, "' must be of one first size, got ", shapes,
          "; name those that you want");
  return {Structure::dict(archive.names, std::vector<StructurePtr>(archive.names.size(), Structure::leaf())),
          archive.names};
}

/// Of leaves that are names, or vectors of names, which are tuples.
Chosen named(std::string_view stage, const Element& arrays) {
  Chosen chosen;
  std::vector<StructurePtr> parts;
  for (const Tensor& names : arrays.components) {
    require<TypeError>(names.dtype() == text && names.ndim() <= 1, stage,
                       "arrays must be names, or lists, tuples and dicts of them, got ",
                       TensorSpec{names.dtype(), names.shape()}.to_string());
    for (std::int64_t i = 0; i < names.size(); ++i)
      chosen.names.emplace_back((names.ndim() == 0 ? names : names.row(i)).text());
    const std::vector<StructurePtr> leaves(static_cast<std::size_t>(names.size()), Structure::leaf());
    parts.push_back(names.ndim() == 0 ? Structure::leaf() : Structure::tuple(leaves));
  }
  require(!chosen.names.empty(), stage, "arrays must name at least one, got none");
  chosen.structure = arrays.structure->with_leaves(parts);
  return chosen;
}

void require_one_size(const std::vector<NpyPart>& parts, const NpyPart& first, std::string_view stage) {
  const Shape &shape = parts.back().head.shape, &wanted = first.head.shape;
  if (shape.empty() || wanted.empty()) return;  // the column refuses it
  require(shape.front() == wanted.front(), stage, "arrays must be of one first size, got ", wanted.front(), " of ",
          first.where, " and ", shape.front(), " of ", parts.back().where);
}

}  // namespace

Dataset FromNpz::operator()() const {
  const auto set = std::make_shared<const StampedFiles>(name, expanded_paths(name, files));
  Chosen chosen;
  if (arrays) chosen = named(name, *arrays);
  std::vector<std::vector<NpyPart>> parts(chosen.names.size());
  for (std::size_t file = 0; file < set->paths().size(); ++file) {
    const Archive archive(*set, file);
    if (!arrays && file == 0) chosen = all_of(archive);
    parts.resize(chosen.names.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].push_back(archive.part(chosen.names[i]));
      require_one_size(parts[i], parts[0][file], name);
    }
  }
  const auto inflated = std::make_shared<InflatedBytes>(0);
  std::vector<std::unique_ptr<const hdf5::Component>> columns;
  for (std::size_t i = 0; i < parts.size(); ++i)
    columns.push_back(std::make_unique<const NpyColumn>(set, chosen.names[i], std::move(parts[i]), mmap, inflated));
  return Dataset(hdf5::make_source_node(hdf5::leaves_of(std::move(chosen.structure), std::move(columns), false)));
}

}  // namespace headrace
