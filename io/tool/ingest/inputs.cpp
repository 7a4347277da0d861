#include <headrace/io/tool/ingest/inputs.hpp>

#include <charconv>
#include <numeric>

#include <headrace/io/from_image_folder.hpp>
#include <headrace/io/tool/ingest.hpp>
#include <headrace/io/tool/ingest/formats.hpp>
#include <headrace/io/tool/ingest/schema.hpp>
#include <headrace/pipeline/map.hpp>

namespace headrace::tool {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto kStage = Ingest::name;

/// "a,b" as {"a": "a", "b": "b"}.
Json named(const std::string& columns) {
  Json all = Json::object();
  for (std::size_t begin = 0; begin <= columns.size();) {
    const std::size_t end = std::min(columns.find(',', begin), columns.size());
    const std::string name = columns.substr(begin, end - begin);
    require(!name.empty(), kStage, "--columns must be names with commas between them, got '", columns, "'");
    all[name] = name;
    begin = end + 1;
  }
  return all;
}

/// "64x48" as [64, 48].
Json size_of(const std::string& text) {
  std::int64_t height = 0, width = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, height);
  const bool apart = first.ec == std::errc() && first.ptr != end && *first.ptr == 'x';
  const auto second = apart ? std::from_chars(first.ptr + 1, end, width) : first;
  require(apart && second.ec == std::errc() && second.ptr == end && height > 0 && width > 0, kStage,
          "--size must be HEIGHTxWIDTH, each >= 1, such as 224x224, got '", text, "'");
  return {height, width};
}

/// (image, label) as {"image": ..., "label": ...}; an image's bytes as numbers.
class NamedImage final : public Function {
 public:
  explicit NamedImage(bool as_bytes) : as_bytes_(as_bytes) {
    structure_ = Structure::dict({"image", "label"}, {Structure::leaf(), Structure::leaf()});
  }
  Element operator()(const Element& element) const override {
    const Tensor& image = element.components[0];
    if (!as_bytes_) return {structure_, {image, element.components[1]}};
    const auto file = reinterpret_cast<const Text*>(image.data())->view();
    const auto* const first = reinterpret_cast<const std::uint8_t*>(file.data());
    return {structure_, {Tensor::copy_of<std::uint8_t>({first, file.size()}), element.components[1]}};
  }
  Spec result(const Spec& argument) const {
    Spec spec{structure_, argument.components};
    if (as_bytes_) spec.components[0] = {uint8, {-1}};
    return spec;
  }
  std::string name() const override { return "named"; }

 private:
  StructurePtr structure_;
  bool as_bytes_;
};

const Format& common_format(const Ingest& options, const std::vector<std::string>& paths) {
  if (!options.format.empty()) return find_format(kStage, options.format);
  const Format& first = format_of(kStage, paths.front());
  for (const std::string& path : paths) {
    const Format& other = format_of(kStage, path);
    require(&other == &first, kStage, "all inputs must be of one kind, got ", first.name, " in '", paths.front(),
            "' and ", other.name, " in '", path, "'; ingest them one after the other, or say --format");
  }
  return first;
}

}  // namespace

std::int64_t Inputs::bytes() const {
  return std::accumulate(files.begin(), files.end(), std::int64_t{0},
                         [](std::int64_t sum, const InputFile& file) { return sum + file.size; });
}

Inputs Inputs::of(const Ingest& options) {
  const std::vector<std::string> paths = expanded_paths(kStage, options.sources);
  const Format& format = common_format(options, paths);
  const bool images = std::string_view(format.name) == "images";
  Json schema = read_schema(kStage, options.schema);
  if (std::string_view(format.name) == "tsv" && !schema.contains("delimiter")) schema["delimiter"] = "\t";
  if (!options.columns.empty()) {
    require(format.columns != nullptr, kStage, "--columns is for csv, tsv, npz and hdf5, got ", format.name);
    schema[format.columns] = named(options.columns);
  }
  require(images || options.size.empty(), kStage, "--size is for folders of images, got ", format.name);
  if (!options.size.empty()) schema["size"] = size_of(options.size);
  require(!images || paths.size() == 1, kStage, "a folder of images must be the only input, got ", paths.size());
  if (images && !schema.contains("decode")) schema["decode"] = schema.contains("size");
  images ? schema[format.files] = paths.front() : schema[format.files] = paths;
  const std::vector<Value> values = option_values(kStage, format.info(), schema);

  Inputs inputs;
  inputs.rows = format.info().make(nullptr, values);
  inputs.strewn = format.strewn && inputs.rows.random_access();
  if (!images) {
    inputs.files = input_files(kStage, paths);
    return inputs;
  }
  inputs.classes =
      schema.contains("classes") ? schema["classes"].get<std::vector<std::string>>() : image_classes(paths.front());
  inputs.as_bytes = !schema["decode"].get<bool>();
  const auto function = std::make_shared<NamedImage>(inputs.as_bytes);
  inputs.rows =
      inputs.rows | Map{.map_func = function, .output_signature = function->result(inputs.rows.element_spec())};
  return inputs;
}

}  // namespace headrace::tool
