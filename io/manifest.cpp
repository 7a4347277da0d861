#include <headrace/io/manifest.hpp>

#include <nlohmann/json.hpp>

#include <headrace/io/structure_json.hpp>
#include <headrace/pipeline/digest.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

using Json = nlohmann::ordered_json;
constexpr int kDeepest = 64;

Json json_of(DType dtype) {
  if (dtype.kind() != Kind::record) return dtype.name();
  Json fields = Json::array();
  for (const Field& field : dtype.fields()) {
    fields.push_back(
        {{"name", field.name}, {"dtype", json_of(field.dtype)}, {"offset", field.offset}, {"shape", field.shape}});
  }
  return {{"itemsize", dtype.itemsize()}, {"fields", fields}};
}

Json sizes_of(const Shape& shape) { return std::vector<std::int64_t>(shape.begin(), shape.end()); }

Json json_of(const StoredFile& file) {
  return {{"file", file.name}, {"shape", sizes_of(file.shape)}, {"bytes", file.bytes}};
}

Json json_of(const StoredComponent& component) {
  Json json = {{"dtype", json_of(component.spec.dtype)},
               {"shape", sizes_of(component.spec.shape)},
               {"values", json_of(component.values)}};
  if (component.starts) json["starts"] = json_of(*component.starts);
  if (component.shapes) json["shapes"] = json_of(*component.shapes);
  if (component.texts) json["texts"] = json_of(*component.texts);
  return json;
}

// Reading: whatever is not as above throws one of Json's exceptions or ours; from_json says which file it was.

DType dtype_from(const Json& json, int depth = 0) {
  require(depth < kDeepest, "manifest", "a dtype must be nested less than ", kDeepest, " deep");
  if (json.is_string()) return DType::from_name(json.get<std::string>());
  std::vector<Field> fields;
  for (const Json& field : json.at("fields")) {
    fields.push_back({field.at("name"), dtype_from(field.at("dtype"), depth + 1), field.at("offset"),
                      field.at("shape").get<std::vector<std::int64_t>>()});
  }
  return DType::record(std::move(fields), json.at("itemsize"));
}

Shape shape_from(const Json& json, std::int64_t least) {
  const auto sizes = json.get<std::vector<std::int64_t>>();
  for (const auto size : sizes) require(size >= least, "manifest", "a size must be >= ", least, ", got ", size);
  return Shape(sizes);
}

StoredFile file_from(const Json& json) {
  StoredFile file{json.at("file"), shape_from(json.at("shape"), 0), json.at("bytes")};
  require(!file.name.empty() && file.name.find('/') == std::string::npos, "manifest",
          "a file must be one of the folder, got '", file.name, "'");
  return file;
}

StoredComponent component_from(const Json& json) {
  StoredComponent component{
      {dtype_from(json.at("dtype")), shape_from(json.at("shape"), -1)}, file_from(json.at("values")), {}, {}, {}};
  if (json.contains("starts")) component.starts = file_from(json.at("starts"));
  if (json.contains("shapes")) component.shapes = file_from(json.at("shapes"));
  if (json.contains("texts")) component.texts = file_from(json.at("texts"));
  return component;
}

Manifest manifest_from(const Json& json) {
  Manifest manifest{json.at("made_by"), json.at("fingerprint"), json.at("count"), nullptr, {}};
  require(manifest.count >= 0, "manifest", "count must be >= 0, got ", manifest.count);
  if (!json.contains("structure")) return manifest;
  manifest.structure = structure_from_json(json.at("structure").dump());
  for (const Json& component : json.at("components")) manifest.components.push_back(component_from(component));
  require(static_cast<std::size_t>(manifest.structure->leaf_count()) == manifest.components.size(), "manifest",
          "the structure must have a leaf for each of ", manifest.components.size(), " components");
  return manifest;
}

}  // namespace

std::optional<Spec> Manifest::spec() const {
  if (!structure) return std::nullopt;
  Spec spec{structure, {}};
  for (const auto& component : components) spec.components.push_back(component.spec);
  return spec;
}

std::string Manifest::to_json() const {
  Json json = {{"format", kFormat},
               {"headrace", HEADRACE_VERSION},
               {"made_by", made_by},
               {"fingerprint", fingerprint},
               {"count", count}};
  const auto not_utf8 = [&] {
    return ValueError(sentence(made_by, "keys and field names must be UTF-8 to be written to ", kFile));
  };
  try {
    if (structure) {
      json["structure"] = Json::parse(structure_to_json(*structure));
      json["components"] = Json::array();
      for (const auto& component : components) json["components"].push_back(json_of(component));
    }
    json["checksum"] = digest(json.dump());
  } catch (const ValueError&) {  // the structure's
    throw not_utf8();
  } catch (const Json::exception&) {
    throw not_utf8();
  }
  return json.dump(1) + "\n";
}

Manifest Manifest::from_json(const std::string& text, std::string_view stage, const std::string& file) {
  const auto refused = [&](const std::string& why) {
    return ValueError(sentence(stage, "cannot read '", file, "': ", why));
  };
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) throw refused("it is no JSON object; the file is damaged");
  try {
    const std::int64_t format = json.at("format");
    if (format != kFormat) {
      throw refused("its format must be " + std::to_string(kFormat) + ", got " + std::to_string(format) +
                    "; use the version of headrace that wrote it, " + json.at("headrace").get<std::string>());
    }
    const std::string sum = json.at("checksum");
    json.erase("checksum");
    if (digest(json.dump()) != sum) throw refused("its checksum does not fit; the file is damaged or was altered");
    return manifest_from(json);
  } catch (const Json::exception& error) {
    throw refused(std::string("an entry is missing or of another kind (") + error.what() + "); the file is damaged");
  } catch (const TypeError& error) {  // a dtype
    throw refused(error.what());
  }
}

}  // namespace headrace
