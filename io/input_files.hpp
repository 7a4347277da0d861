// The files that a source reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headrace {

/// The paths that `paths` and the patterns among them mean, each pattern's sorted by name. Throws IoError where one
/// matches nothing.
std::vector<std::string> expanded_paths(std::string_view stage, const std::vector<std::string>& paths);

struct InputFile {
  std::string path;
  std::int64_t size;  // in bytes, as it was when the source was made
};

/// The same with their sizes. Throws IoError for what is not there, or no plain file.
std::vector<InputFile> input_files(std::string_view stage, const std::vector<std::string>& paths);
/// Their names and sizes: for the fingerprint.
std::string identity_of(const std::vector<InputFile>& files);

}  // namespace headrace
