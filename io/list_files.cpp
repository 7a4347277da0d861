#include <headrace/io/list_files.hpp>

#include <algorithm>
#include <filesystem>

#include <fnmatch.h>

#include <headrace/io/utf8.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/permutation.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/shuffle.hpp>

namespace headrace {

namespace {

namespace fs = std::filesystem;

/// A part without patterns may still quote: "a\*b" is the file "a*b".
std::string unquoted(std::string_view part) {
  std::string plain;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '\\' && i + 1 < part.size()) ++i;
    plain += part[i];
  }
  return plain;
}

/// The names in `folder` that match; none where it is no folder.
std::vector<std::string> matching_names(const std::string& folder, const std::string& pattern) {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path path = folder.empty() ? "." : folder;
  if (!fs::is_directory(path, error)) return names;
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0) names.push_back(std::move(name));
  }
  require<IoError>(!error, ListFiles::name, "cannot read the folder '", path.string(), "': ", error.message());
  return names;
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

/// Appends what `pattern` matches below `folder`, which ends with a slash or is empty.
void expand(const std::string& folder, std::string_view pattern, std::vector<std::string>& found) {
  const std::size_t slash = std::min(pattern.find('/'), pattern.size());
  const std::size_t next = std::min(pattern.find_first_not_of('/', slash), pattern.size());
  const std::string part(pattern.substr(0, slash)), slashes(pattern.substr(slash, next - slash));
  const std::string_view rest = pattern.substr(next);
  const auto go_on = [&](const std::string& name) {
    const std::string path = folder + name + slashes;
    if (!rest.empty())
      expand(path, rest, found);
    else if (exists(path))
      found.push_back(path);
  };
  if (!is_pattern(part)) {
    go_on(unquoted(part));
    return;
  }
  for (const std::string& name : matching_names(folder, part)) go_on(name);
}

/// For error texts, which are UTF-8: other bytes as "?".
std::string ascii(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

class FilesNode final : public Node {
 public:
  FilesNode(Tensor paths, std::string names, bool shuffle, std::optional<std::int64_t> seed)
      : Node({}), paths_(std::move(paths)), names_(std::move(names)), shuffle_(shuffle) {
    if (shuffle_) use_seed(seed);
  }
  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return paths_.shape()[0]; }
  std::optional<Spec> spec() const override { return Spec{Structure::leaf(), {{text, {}}}}; }
  bool gathers_views() const override { return !shuffle_; }
  std::string identity() const override { return names_; }

 protected:
  Rows do_gather(const Context& context, const Positions& positions) const override {
    std::vector<std::int64_t> scratch;
    const Positions places = shuffle_ ? shuffled(context, positions, scratch) : positions;
    return Rows::of_columns(Structure::leaf(), {headrace::gather(paths_, places)}, positions.count);
  }

 private:
  Positions shuffled(const Context& context, const Positions& positions, std::vector<std::int64_t>& scratch) const {
    const std::uint64_t key = random_key(context.run.seed(*this), Shuffle::name, context.epoch);
    scratch.resize(static_cast<std::size_t>(positions.count));
    Permutation(cardinality(), key).apply(positions, scratch.data());
    return Positions::of(scratch.data(), positions.count);
  }

  Tensor paths_;
  std::string names_;  // for the fingerprint
  bool shuffle_;
};

std::string listed(const std::vector<std::string>& patterns) {
  std::string text;
  for (const std::string& pattern : patterns) text += (text.empty() ? "'" : ", '") + pattern + "'";
  return text;
}

}  // namespace

bool is_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> matching_paths(const std::string& pattern) {
  std::vector<std::string> found;
  if (pattern.empty()) return found;
  const std::size_t root = std::min(pattern.find_first_not_of('/'), pattern.size());
  expand(pattern.substr(0, root), std::string_view(pattern).substr(root), found);
  std::sort(found.begin(), found.end());
  return found;
}

Dataset ListFiles::operator()() const {
  require(!file_pattern.empty(), name, "file_pattern must name at least one pattern, got none");
  std::vector<std::string> found;
  for (const std::string& pattern : file_pattern) {
    const auto paths = matching_paths(pattern);
    found.insert(found.end(), paths.begin(), paths.end());
  }
  require<IoError>(!found.empty(), name, "no file matches ", listed(file_pattern), "; patterns are * ? and [...]");
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::string names;
  for (const std::string& path : found) {
    require(is_utf8(path), name, "a path must be UTF-8, got '", ascii(path),
            "'; rename it, or give a narrower pattern");
    names += path + '\0';
  }
  const std::vector<std::string_view> views(found.begin(), found.end());
  return Dataset(std::make_shared<FilesNode>(Tensor::texts(views).read_only(), std::move(names), shuffle, seed));
}

}  // namespace headrace
