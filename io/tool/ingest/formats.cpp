#include <headrace/io/tool/ingest/formats.hpp>

#include <algorithm>
#include <filesystem>

#include <headrace/io/byte_stream.hpp>
#include <headrace/io/stages.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::tool {
namespace {

constexpr Format kFormats[] = {
    {"csv", "from_csv", "files", "columns", false},    {"tsv", "from_csv", "files", "columns", false},
    {"npy", "from_npy", "files", nullptr, true},       {"npz", "from_npz", "files", "arrays", true},
    {"text", "from_text", "files", nullptr, false},    {"records", "from_fixed_records", "files", nullptr, true},
    {"hdf5", "from_hdf5", "files", "datasets", false}, {"images", "from_image_folder", "directory", nullptr, true},
};

struct Ending {
  std::string_view ending;
  const char* format;
};
constexpr Ending kEndings[] = {{".csv", "csv"},     {".tsv", "tsv"},     {".tab", "tsv"},     {".txt", "text"},
                               {".text", "text"},   {".log", "text"},    {".jsonl", "text"},  {".ndjson", "text"},
                               {".raw", "records"}, {".bin", "records"}, {".dat", "records"}, {"-ubyte", "records"}};

const Format* find(std::string_view name) {
  const auto* found = std::ranges::find_if(kFormats, [&](const Format& format) { return name == format.name; });
  return found == std::end(kFormats) ? nullptr : found;
}

/// By a signature.
const char* signed_as(std::string_view bytes) {
  if (bytes.starts_with("\x93NUMPY")) return "npy";
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06")) return "npz";
  for (std::size_t place = 0; place < bytes.size(); place = place == 0 ? 512 : 2 * place)  // behind a user block
    if (bytes.substr(place).starts_with("\x89HDF\r\n\x1a\n")) return "hdf5";
  return nullptr;
}

const char* ending_in(std::string path) {
  std::ranges::transform(path, path.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (path.ends_with(".gz")) path.resize(path.size() - 3);
  for (const Ending& known : kEndings)
    if (path.ends_with(known.ending)) return known.format;
  return nullptr;
}

std::string all_names() {
  std::string names;
  for (const Format& format : kFormats) names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

}  // namespace

const StageInfo& Format::info() const {
  return **std::ranges::find_if(all_stages(), [&](const StageInfo* stage) { return stage->name == source; });
}

std::span<const Format> formats() { return kFormats; }

const Format& find_format(std::string_view stage, const std::string& name) {
  const Format* const format = find(name);
  require(format != nullptr, stage, "--format must be one of ", all_names(), ", got '", name, "'");
  return *format;
}

const Format& format_of(std::string_view stage, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return *find("images");
  const InputFile file = input_files(stage, {path}).front();
  std::string bytes(4096 + 8, '\0');
  ByteStream stream(stage, file);
  bytes.resize(stream.read(bytes.data(), bytes.size()));
  const char* name = signed_as(bytes);
  if (name == nullptr) name = ending_in(path);
  require(name != nullptr, stage, "cannot tell what '", path, "' is, by its first bytes or by its name; --format ",
          all_names(), " says so");
  const Format& found = *find(name);
  const bool whole = found.info().name == "from_hdf5" || found.info().name == "from_npz";
  require(!whole || !stream.compressed(), stage, "'", path, "' must not be compressed by gzip, as ", found.name,
          " files are read by position; gunzip it first");
  return found;
}

}  // namespace headrace::tool
