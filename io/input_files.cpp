#include <headrace/io/input_files.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <iterator>

#include <headrace/io/file.hpp>
#include <headrace/io/list_files.hpp>
#include <headrace/pipeline/digest.hpp>

namespace headrace {

std::vector<std::string> expanded_paths(std::string_view stage, const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    if (!is_pattern(path)) {
      found.push_back(path);
      continue;
    }
    std::vector<std::string> matching = matching_paths(path);
    require<IoError>(!matching.empty(), stage, "no file matches '", path, "'");
    std::move(matching.begin(), matching.end(), std::back_inserter(found));
  }
  require(!found.empty(), stage, "files must name at least one file, got none");
  return found;
}

std::vector<InputFile> input_files(std::string_view stage, const std::vector<std::string>& paths) {
  std::vector<InputFile> files;
  for (std::string& path : expanded_paths(stage, paths)) {
    struct stat status {};
    require<IoError>(path.find('\0') == std::string::npos, stage, "a path must have no NUL, got '", path.c_str(), "'");
    if (::stat(path.c_str(), &status) != 0) throw_io(stage, "open", path);
    require<IoError>(S_ISREG(status.st_mode), stage, "'", path, "' must be a plain file");
    files.push_back({std::move(path), status.st_size});
  }
  return files;
}

std::string identity_of(const std::vector<InputFile>& files) {
  std::string text;
  for (const InputFile& file : files) text += file.path + '\0' + std::to_string(file.size) + '\n';
  return digest(text);
}

}  // namespace headrace
