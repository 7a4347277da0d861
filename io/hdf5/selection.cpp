#include <headrace/io/hdf5/selection.hpp>

#include <algorithm>

#include <headrace/io/hdf5/names.hpp>
#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/io/structure_json.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace::hdf5 {

namespace {

std::string listed(const std::vector<Member>& members) {
  constexpr std::size_t kMost = 12;
  std::string text;
  std::size_t count = 0;
  for (const Member& member : members) {
    if (member.group) continue;
    if (count++ == kMost) return text + ", ...";
    text += (text.empty() ? "" : ", ") + ("'" + member.name + "' ") +
            (member.dtype ? (member.sequences ? "sequences of " : "") + member.dtype.name() + to_string(member.shape)
                          : "(" + member.why + ")");
  }
  return text.empty() ? "no dataset" : text;
}

/// The nested dict of arrays, by the parts of their names below `group`.
StructurePtr tree(const std::vector<Member>& arrays, std::size_t begin, std::size_t end, std::size_t depth) {
  std::vector<std::string> keys;
  std::vector<StructurePtr> children;
  for (std::size_t i = begin; i < end;) {
    const std::string& name = arrays[i].name;
    const std::size_t slash = name.find('/', depth);
    const std::string key = name.substr(depth, slash == std::string::npos ? slash : slash - depth);
    std::size_t next = i + 1;
    if (slash != std::string::npos) {
      const std::string front = name.substr(0, slash + 1);
      while (next < end && arrays[next].name.compare(0, front.size(), front) == 0) ++next;
    }
    keys.push_back(key);
    children.push_back(slash == std::string::npos ? Structure::leaf() : tree(arrays, i, next, slash + 1));
    i = next;
  }
  return Structure::dict(std::move(keys), std::move(children));
}

class Selector {
 public:
  /// `sample`: the group that names are below; empty: they are the file's.
  Selector(std::string_view stage, const File& file, std::string sample = "")
      : stage_(stage), file_(file), sample_(std::move(sample)) {}

  Selection of_group(const std::string& group) const {
    const std::vector<Member> all = file_.members(stage_, group, true);
    std::vector<Member> arrays;
    for (const Member& member : all) {
      if (member.group) continue;
      require<TypeError>(static_cast<bool>(member.dtype), stage_, "every dataset of a group must have a dtype, got '",
                         member.name, "' in '", file_.path(), "': ", member.why, "; name those that you want");
      require(is_utf8(member.name), stage_, "names must be UTF-8 to be keys, got '", escaped(member.name), "' in '",
              file_.path(), "'; name the datasets that you want");
      arrays.push_back(member);
    }
    // A group's members stand together, and '/' before any other character.
    const auto parts = [](const Member& member) {
      std::string name = member.name;
      std::replace(name.begin(), name.end(), '/', '\0');
      return name;
    };
    std::sort(arrays.begin(), arrays.end(), [&](const auto& a, const auto& b) { return parts(a) < parts(b); });
    const auto rows = [](const Member& array) { return array.shape.empty() ? -1 : array.shape[0]; };
    const bool equal = !sample_.empty() || std::all_of(arrays.begin(), arrays.end(), [&](const Member& array) {
      return rows(array) >= 0 && rows(array) == rows(arrays.front());
    });
    require(!arrays.empty(), stage_, "a group must hold datasets, got none in '", group, "' in '", file_.path(), "'");
    require(equal, stage_, "the datasets of '", group, "' in '", file_.path(), "' must be of one first size, got ",
            listed(all), "; name those that you want");
    Selection selection{tree(arrays, 0, arrays.size(), group == "/" ? 1 : group.size() + 1), {}};
    for (const Member& array : arrays) selection.names.push_back(array.name.substr(sample_.size()));
    return selection;
  }

  Selection of_name(std::string name) const {
    require(!name.empty(), stage_, "datasets must be names, got ''");
    require(sample_.empty() || name.front() != '/', stage_, "datasets must be names in each group, got '", name,
            "'; leave its first '/' off");
    if (name.front() != '/') name.insert(name.begin(), '/');
    while (name.size() > 1 && name.back() == '/') name.pop_back();
    if (file_.is_group(stage_, sample_ + name)) return of_group(sample_ + name);
    return {Structure::leaf(), {std::move(name)}};
  }

  /// Of the leaves of `datasets`: each a name, or a vector of names, which is a tuple.
  Selection of(const Element& datasets) const {
    Selection selection;
    std::vector<StructurePtr> parts;
    for (const Tensor& names : datasets.components) {
      require<TypeError>(names.dtype() == text && names.ndim() <= 1, stage_,
                         "datasets must be names, or lists, tuples and dicts of them, got ",
                         TensorSpec{names.dtype(), names.shape()}.to_string());
      std::vector<StructurePtr> children;
      for (std::int64_t i = 0; i < names.size(); ++i) {
        Selection one = of_name(std::string((names.ndim() == 0 ? names : names.row(i)).text()));
        children.push_back(std::move(one.structure));
        std::move(one.names.begin(), one.names.end(), std::back_inserter(selection.names));
      }
      parts.push_back(names.ndim() == 0 ? std::move(children.front()) : Structure::tuple(std::move(children)));
    }
    require(!selection.names.empty(), stage_, "datasets must name at least one, got none");
    selection.structure = datasets.structure->with_leaves(parts);
    return selection;
  }

 private:
  std::string_view stage_;
  const File& file_;
  std::string sample_;
};

}  // namespace

Selection select(std::string_view stage, const File& file, const std::optional<Element>& datasets) {
  const Selector selector(stage, file);
  if (datasets) return selector.of(*datasets);
  for (const Attribute& attribute : file.attributes(stage, "/")) {
    if (attribute.name != kStructureAttribute || attribute.value.dtype() != text || attribute.value.ndim() > 0)
      continue;
    StructurePtr structure = structure_from_json(std::string(attribute.value.text()));
    std::vector<std::string> names = array_names(stage, *structure);
    return {std::move(structure), std::move(names)};
  }
  return selector.of_group("/");
}

Selection select_in(std::string_view stage, const File& file, const std::string& group,
                    const std::optional<Element>& datasets) {
  const Selector selector(stage, file, group);
  Selection selection = datasets ? selector.of(*datasets) : selector.of_group(group);
  for (std::string& name : selection.names) name.erase(0, 1);  // the slash
  return selection;
}

}  // namespace headrace::hdf5
