#include <headrace/io/structure_json.hpp>

#include <nlohmann/json.hpp>

#include <headrace/tensor/compound.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

using Json = nlohmann::ordered_json;
constexpr int kDeepest = 64;

/// A class that only its language can make: all that is known here is its name.
class NameTag final : public ContainerTag {
 public:
  explicit NameTag(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }

 private:
  std::string name_;
};

std::string quoted(const std::string& text) { return Json(text).dump(); }

template <class Parts, class Written>
std::string list(const Parts& parts, const Written& written) {
  std::string text = "[";
  for (const auto& part : parts) text += (text.size() > 1 ? "," : "") + written(part);
  return text + "]";
}

/// Written here, not collected in a Json: that one's destructor takes memory, and ends the process where there is none.
std::string written(const Structure& structure) {
  if (structure.kind() == Structure::Kind::none) return "null";
  if (structure.kind() == Structure::Kind::leaf) return "\"leaf\"";
  const std::string children = list(structure.children(), [](const StructurePtr& child) { return written(*child); });
  if (structure.kind() == Structure::Kind::tuple) return "{\"tuple\":" + children + "}";
  const std::string keys = ",\"keys\":" + list(structure.keys(), quoted);
  if (structure.kind() == Structure::Kind::dict) return "{\"dict\":" + children + keys + "}";
  return "{\"named\":" + children + keys + ",\"class\":" + quoted(structure.tag()->name()) + "}";
}

StructurePtr structure_from(const Json& json, int depth = 0) {
  require(depth < kDeepest, "structure", "a structure must be nested less than ", kDeepest, " deep");
  if (json.is_null()) return Structure::none();
  if (json == "leaf") return Structure::leaf();
  const auto children_of = [&](const char* kind) {
    std::vector<StructurePtr> children;
    for (const Json& child : json.at(kind)) children.push_back(structure_from(child, depth + 1));
    return children;
  };
  if (json.contains("tuple")) return Structure::tuple(children_of("tuple"));
  auto keys = json.at("keys").get<std::vector<std::string>>();
  if (json.contains("dict")) return Structure::dict(std::move(keys), children_of("dict"));
  auto named = Structure::named(std::move(keys), children_of("named"), std::make_shared<NameTag>(json.at("class")));
  for (const auto* compound : {&RaggedTensor::structure(), &SparseTensor::structure()}) {
    if (named->same_as(**compound)) return *compound;
  }
  return named;
}

}  // namespace

std::string structure_to_json(const Structure& structure) {
  try {
    return written(structure);
  } catch (const Json::exception&) {
    throw ValueError(sentence("structure", "keys and field names must be UTF-8 to be written"));
  }
}

StructurePtr structure_from_json(const std::string& text) {
  try {
    return structure_from(Json::parse(text));
  } catch (const Json::exception& error) {
    throw ValueError(sentence("structure", "it must be JSON as it was written, got ", error.what()));
  }
}

}  // namespace headrace
