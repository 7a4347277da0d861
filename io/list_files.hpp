// The names of files.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct ListFiles {
  std::vector<std::string> file_pattern;
  bool shuffle = false;
  std::optional<std::int64_t> seed;
  static constexpr auto name = "list_files";
  static constexpr auto summary = "Gives the paths that match patterns.";
  static constexpr auto details =
      "Shape: str (), a path as the pattern begins it.\n"
      "Order: sorted by bytes, each path once; with shuffle as shuffle(seed=seed) after it. Random access.\n"
      "    The folders are read when the source is made, and again when it is unpickled.\n"
      "Memory: all paths.\n"
      "Errors: OSError where nothing matches, or where a folder that must be read cannot be; ValueError for a name "
      "that is\n"
      "    not UTF-8.\n"
      "Example: list_files(\"data/part-??.npy\"), list_files([\"a/*.csv\", \"b/[0-9]*.csv\"], shuffle=True, seed=1).\n"
      "Source: tf.data.Dataset.list_files; patterns as fnmatch (POSIX): * ? [...], none of them matches a slash.";
  static constexpr auto options() {
    return std::tuple{required("file_pattern", &ListFiles::file_pattern, "a path with * ? [...] in it, or a list"),
                      optional("shuffle", &ListFiles::shuffle, "random order, another one each epoch"),
                      optional("seed", &ListFiles::seed, "any integer; None draws one, kept in the state")};
  }
  Dataset operator()() const;
};

inline Dataset list_files(std::vector<std::string> file_pattern, bool shuffle = false,
                          std::optional<std::int64_t> seed = {}) {
  return make_source(ListFiles{std::move(file_pattern), shuffle, seed});
}

/// Whether a path has * ? [ in it.
bool is_pattern(std::string_view path);
/// The existing paths that match, sorted by bytes. Throws IoError for a folder that cannot be read.
std::vector<std::string> matching_paths(const std::string& pattern);

}  // namespace headrace
