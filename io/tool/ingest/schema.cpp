#include <headrace/io/tool/ingest/schema.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <headrace/io/file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::tool {
namespace {

using Json = nlohmann::ordered_json;

/// One option being converted: what errors name.
struct Option {
  std::string_view stage;
  const OptionInfo& info;

  [[noreturn]] void fail(const char* rule, const Json& got) const {
    throw ValueError(sentence(stage, "'", info.name, "' of the schema must be ", rule, ", got ",
                              got.dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
  std::string word(const Json& json, const char* rule) const {
    if (!json.is_string()) fail(rule, json);
    return json.get<std::string>();
  }
  DType dtype(const Json& json) const {
    return DType::from_name(word(json, "the name of a dtype, such as \"float32\""));
  }

  /// Lists are tuples, objects are dicts; `leaf` takes the rest.
  template <class Leaf>
  StructurePtr structure(const Json& json, const Leaf& leaf) const {
    if (!json.is_array() && !json.is_object()) {
      leaf(json);
      return Structure::leaf();
    }
    std::vector<std::string> keys;
    std::vector<StructurePtr> children;
    for (const auto& [key, child] : json.items()) {
      keys.push_back(key);
      children.push_back(structure(child, leaf));
    }
    return json.is_object() ? Structure::dict(std::move(keys), std::move(children))
                            : Structure::tuple(std::move(children));
  }

  Tensor tensor(const Json& json) const {
    if (json.is_string()) return Tensor::text_scalar(json.get<std::string>());
    if (json.is_boolean()) return Tensor::scalar(json.get<bool>());
    if (json.is_number_integer()) return Tensor::scalar(json.get<std::int64_t>());
    if (json.is_number()) return Tensor::scalar(json.get<double>());
    fail("texts and numbers", json);
  }

  Value value(const Json& json) const {
    if (json.is_null() && info.nullable) return {};
    switch (info.type) {
      case OptionType::boolean:
        return json.is_boolean() ? Value(json.get<bool>()) : (fail("true or false", json), Value());
      case OptionType::integer:
        return json.is_number_integer() ? Value(json.get<std::int64_t>()) : (fail("a whole number", json), Value());
      case OptionType::string:
        return word(json, "a text");
      case OptionType::dtype:
        return dtype(json);
      case OptionType::shapes: {
        Shape shape;
        if (!json.is_array()) fail("a list of sizes", json);
        for (const Json& size : json) {
          if (!size.is_number_integer()) fail("a list of sizes", json);
          shape = shape.with_back(size.get<std::int64_t>());
        }
        return Shapes(shape);
      }
      case OptionType::strings: {
        std::vector<std::string> words;
        if (!json.is_array()) fail("a list of texts", json);
        for (const Json& one : json) words.push_back(word(one, "a list of texts"));
        return words;
      }
      case OptionType::tensors: {
        Element element;
        element.structure = structure(json, [&](const Json& leaf) { element.components.push_back(tensor(leaf)); });
        return element;
      }
      case OptionType::spec: {
        Spec spec;
        spec.structure = structure(json, [&](const Json& leaf) { spec.components.push_back({dtype(leaf), {}}); });
        return spec;
      }
      default:
        fail("left to the program", json);
    }
  }
};

}  // namespace

nlohmann::ordered_json read_schema(std::string_view stage, const std::string& path) {
  if (path.empty()) return Json::object();
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) throw_io(stage, "read", path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  require<IoError>(file.good() || file.eof(), stage, "cannot read '", path, "'");
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
    throw ValueError(sentence(stage, "'", path, "' must be JSON, but line ", 1 + std::count(text.begin(), end, '\n'),
                              " of it is not; correct it there"));
  }
  require(json.is_object(), stage, "'", path,
          "' must be a JSON object of the source's options, such as {\"dtypes\": {\"age\": \"float32\"}}");
  return json;
}

std::vector<Value> option_values(std::string_view stage, const StageInfo& info, const nlohmann::ordered_json& schema) {
  std::string names;
  std::vector<Value> values;
  for (const OptionInfo& option : info.options) {
    names += (names.empty() ? "" : ", ") + option.name;
    const auto found = schema.find(option.name);
    require(found != schema.end() || !option.required, stage, "'", option.name, "' must be given in --schema, as ",
            info.name, " says: ", option.doc);
    values.push_back(found == schema.end() ? option.default_value : Option{stage, option}.value(*found));
  }
  for (const auto& [name, ignored] : schema.items()) {
    const bool known = std::ranges::any_of(info.options, [&, key = name](const auto& one) { return one.name == key; });
    require(known, stage, "unknown option '", name, "' in the schema; ", info.name, " takes ", names);
  }
  return values;
}

}  // namespace headrace::tool
