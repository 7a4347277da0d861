#include <headrace/pipeline/state.hpp>

#include <nlohmann/json.hpp>

#include <headrace/pipeline/digest.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

using Json = nlohmann::json;

const Json& member(const Json& object, const char* name, bool (Json::*is)() const noexcept) {
  const auto found = object.find(name);
  require(found != object.end(), "state", "'", name, "' is missing; the state is truncated");
  require(((*found).*is)(), "state", "'", name, "' has the wrong type; the state is damaged");
  return *found;
}

std::int64_t integer(const Json& object, const char* name) {
  return member(object, name, &Json::is_number_integer).get<std::int64_t>();
}

}  // namespace

std::string State::to_json() const {
  Json entries = Json::array();
  for (const auto& [name, value, data] : mark) entries.push_back({name, data ? Json(*data) : Json(value)});
  Json state = {{"format", kFormat}, {"fingerprint", fingerprint},
                {"epoch", epoch},    {"position", position},
                {"seeds", seeds},    {"mark", entries}};
  state["checksum"] = digest(state.dump());
  return state.dump();
}

State State::from_json(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  require(!json.is_discarded() && json.is_object(), "state",
          "it must be what state_dict() gave, got text that is no JSON object");
  const std::int64_t format = integer(json, "format");
  require(format == kFormat, "state", "its format must be ", kFormat, ", got ", format,
          "; use the version of headrace that wrote it");
  const std::string sum = member(json, "checksum", &Json::is_string).get<std::string>();
  json.erase("checksum");
  require(digest(json.dump()) == sum, "state", "its checksum does not fit; the state is damaged or was altered");
  State state;
  state.fingerprint = member(json, "fingerprint", &Json::is_string).get<std::string>();
  state.epoch = integer(json, "epoch");
  state.position = integer(json, "position");
  for (const Json& seed : member(json, "seeds", &Json::is_array)) {
    require(seed.is_number_integer(), "state", "a seed must be an integer; the state is damaged");
    state.seeds.push_back(seed.get<std::int64_t>());
  }
  for (const Json& entry : member(json, "mark", &Json::is_array)) {
    const bool well_formed = entry.is_array() && entry.size() == 2 && entry[0].is_string() &&
                             (entry[1].is_number_integer() || entry[1].is_string());
    require(well_formed, "state", "a mark must be a name and a number or text; the state is damaged");
    SavedEntry saved{entry[0].get<std::string>(), 0, std::nullopt};
    if (entry[1].is_string())
      saved.data = entry[1].get<std::string>();
    else
      saved.value = entry[1].get<std::int64_t>();
    state.mark.push_back(std::move(saved));
  }
  return state;
}

std::string json_string(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace headrace
