// SECONDS [SEED]: damages structures and manifests in JSON, reads them, and writes again what is read.
#include <headrace/io/manifest.hpp>
#include <headrace/io/structure_json.hpp>
#include <headrace/pipeline/digest.hpp>
#include <headrace/tensor/error.hpp>

#include <nlohmann/json.hpp>

#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;

std::string quoted(Random& random) {
  static const char* const names[] = {"\"a\"", "\"b\"", "\"\"", "\"\\u00e4\"", "\"values\"", "\"row_splits\"", "7"};
  return names[random() % std::size(names)];
}

/// JSON of a structure, or nearly.
std::string structure(Random& random, int depth) {
  if (random() % 3 == 0 || depth > 70) return random() % 8 == 0 ? "null" : "\"leaf\"";
  std::string children, keys;
  for (unsigned count = depth < 4 ? random() % 4 : random() % 2 + (depth > 8); count > 0; --count) {
    children += (children.empty() ? "" : ",") + structure(random, depth + 1);
    if (random() % 20 != 0) keys += (keys.empty() ? "" : ",") + quoted(random);
  }
  switch (random() % 3) {
    case 0:
      return "{\"tuple\":[" + children + "]}";
    case 1:
      return "{\"dict\":[" + children + "],\"keys\":[" + keys + "]}";
    default:
      return "{\"named\":[" + children + "],\"keys\":[" + keys + "],\"class\":" + quoted(random) + "}";
  }
}

std::string component(Random& random) {
  static const char* const dtypes[] = {
      "\"int64\"",
      "\"str\"",
      "\"<U3\"",
      "\"no\"",
      "{\"itemsize\":8,\"fields\":[{\"name\":\"f\",\"dtype\":\"int32\",\"offset\":4,\"shape\":[]}]}",
      "{\"itemsize\":-1,\"fields\":[{\"name\":\"f\",\"dtype\":\"int32\",\"offset\":9223372036854775807,\"shape\":["
      "99999999999]}]}"};
  static const char* const shapes[] = {"[]", "[3]", "[-1]", "[-2]", "[9223372036854775807,2]", "[1.5]"};
  const std::string file =
      R"({"file":"0.npy","shape":)" + std::string(shapes[random() % std::size(shapes)]) + R"(,"bytes":128})";
  return R"({"dtype":)" + std::string(dtypes[random() % std::size(dtypes)]) + R"(,"shape":)" +
         shapes[random() % std::size(shapes)] + R"(,"values":)" + file + (random() % 3 ? "" : R"(,"starts":)" + file) +
         (random() % 3 ? "" : R"(,"texts":)" + file) + "}";
}

/// With the checksum that fits, where it is JSON at all.
std::string manifest(Random& random) {
  std::string components;
  for (unsigned count = random() % 3; count > 0; --count)
    components += (components.empty() ? "" : ",") + component(random);
  std::string text = R"({"format":1,"headrace":"0","made_by":"save","fingerprint":"f","count":)" +
                     std::to_string(static_cast<int>(random() % 4) - 1) + R"(,"structure":)" + structure(random, 2) +
                     R"(,"components":[)" + components + "]}";
  if (random() % 2) fuzz::damage(text, random, 2);
  auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return text;
  try {
    json.erase("checksum");
    json["checksum"] = digest(json.dump());
    return json.dump();
  } catch (const nlohmann::ordered_json::exception&) {  // text that is not UTF-8
    return text;
  }
}

std::string run(Random& random) {
  std::string text = structure(random, 0);
  if (random() % 2) fuzz::damage(text, random);
  try {
    const StructurePtr read = structure_from_json(text);
    if (!structure_from_json(structure_to_json(*read))->same_as(*read)) return "another structure of " + text;
  } catch (const ValueError&) {
  }
  try {
    const Manifest read = Manifest::from_json(manifest(random), "fuzz", "it");
    const std::string written = read.to_json();
    if (Manifest::from_json(written, "fuzz", "it").to_json() != written) return "another manifest";
    read.spec();
  } catch (const ValueError&) {
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) { return headrace::fuzz::main("structure", argc, argv, run); }
