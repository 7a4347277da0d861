#include <headrace/io/tool/inspect.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/io/tool/show.hpp>
#include <headrace/io/tool/verdict.hpp>

namespace headrace::tool {
namespace {

using Json = nlohmann::json;

constexpr const char* kLayouts[] = {"compact", "contiguous", "chunked", "virtual"};

/// Names that are not UTF-8 must not end the program.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json sizes(const Shape& shape) { return std::vector<std::int64_t>(shape.begin(), shape.end()); }

std::string repack_command(const std::string& path, std::int64_t chunk_rows) {
  const std::filesystem::path from(path);
  const std::string to = (from.parent_path() / (from.stem().string() + ".repacked.h5")).string();
  return "headrace repack " + shell_word(path) + " -o " + shell_word(to) + " --chunk-rows " +
         std::to_string(chunk_rows);
}

/// One dataset as --json shows it.
Json described(const hdf5::File& file, const hdf5::Member& member, std::int64_t memory, std::int64_t batch) {
  const bool known = static_cast<bool>(member.dtype);
  const auto array = file.array(Inspect::name, member.name, !known);
  const hdf5::ArrayInfo& info = array->info();
  const hdf5::Facts facts = file.facts(Inspect::name, member.name);
  const hdf5::BlockPlan plan(info);
  const std::int64_t bytes = info.item_bytes * element_count(hdf5::dataset_shape(info));
  Json json{{"name", member.name}, {"dtype", nullptr}};
  if (known) json["dtype"] = member.sequences ? "sequences of " + member.dtype.name() : member.dtype.name();
  if (!known) json["why"] = member.why;
  json["shape"] = sizes(info.shape);
  json["max_shape"] = sizes(facts.most);
  json["rows"] = plan.rows;
  json["row_bytes"] = plan.rows > 0 ? bytes / plan.rows : 0;
  json["bytes"] = bytes;
  json["stored_bytes"] = facts.stored_bytes;
  json["ratio"] = nullptr;
  if (facts.stored_bytes > 0) json["ratio"] = static_cast<double>(bytes) / static_cast<double>(facts.stored_bytes);
  json["layout"] = kLayouts[static_cast<int>(info.layout)];
  json["chunk"] = nullptr;
  if (info.layout == hdf5::Layout::chunked) json["chunk"] = sizes(info.chunk);
  json["filters"] = info.filters.to_string();
  json["attributes"] = facts.attributes;
  const Verdict verdict = verdict_of(info, memory, batch);
  Json& said =
      json["verdict"] = {{"kind", verdict.kind},           {"text", verdict.text},  {"decodes", verdict.decodes},
                         {"read_over", verdict.read_over}, {"chunk_rows", nullptr}, {"repack", nullptr}};
  if (verdict.chunk_rows) {
    said["chunk_rows"] = *verdict.chunk_rows;
    said["repack"] = repack_command(file.path(), *verdict.chunk_rows);
  }
  return json;
}

Json described(const std::string& path, std::int64_t memory, std::int64_t batch) {
  const auto file = hdf5::File::open(Inspect::name, path, false);
  Json json{{"file", path},
            {"bytes", std::filesystem::file_size(path)},
            {"groups", Json::array()},
            {"links_to_nowhere", Json::array()},
            {"datasets", Json::array()}};
  json["groups"].push_back({{"name", "/"}, {"attributes", file->facts(Inspect::name, "/").attributes}});
  for (const hdf5::Member& member : file->members(Inspect::name, "/", true)) {
    Signals::poll();
    if (member.dangling) {
      json["links_to_nowhere"].push_back(member.name);
      continue;
    }
    Json& list = json[member.group ? "groups" : "datasets"];
    try {
      require<IoError>(!member.broken, "", member.why);
      if (member.group)
        list.push_back({{"name", member.name}, {"attributes", file->facts(Inspect::name, member.name).attributes}});
      else if (member.dtype || member.why != hdf5::kNamedType)
        list.push_back(described(*file, member, memory, batch));
    } catch (const Error& error) {
      list.push_back({{"name", member.name}, {"error", member.broken ? member.why : error.what()}});
    }
  }
  return json;
}

std::string count(const Json& number, const char* one, const char* many) {
  const auto n = number.get<std::int64_t>();
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string tuple_text(const Json& numbers) {
  std::string text;
  for (const Json& number : numbers) text += (text.empty() ? "" : ", ") + number.dump();
  return "(" + text + (numbers.size() == 1 ? ",)" : ")");
}

std::string shown_bytes(const Json& number) { return show_bytes(number.get<double>()); }

std::string dataset_text(const Json& json) {
  std::string text = printable(json["name"].get<std::string>()) + "\n    ";
  if (json.contains("error")) return text + "cannot be looked at\n";
  text += printable(json["dtype"].is_null() ? json["why"].get<std::string>() : json["dtype"].get<std::string>()) + " " +
          tuple_text(json["shape"]) + ", " + shown_bytes(json["row_bytes"]) + " a row, " + shown_bytes(json["bytes"]) +
          " in " + shown_bytes(json["stored_bytes"]);
  if (!json["ratio"].is_null()) {
    char ratio[32];
    std::snprintf(ratio, sizeof ratio, " (%.2fx)", json["ratio"].get<double>());
    text += ratio;
  }
  text += "\n    " + json["layout"].get<std::string>();
  if (!json["chunk"].is_null()) text += " " + tuple_text(json["chunk"]);
  const auto filters = json["filters"].get<std::string>();
  text +=
      (filters.empty() ? "" : ": " + printable(filters)) + ", " + count(json["attributes"], "attribute", "attributes");
  const Json& verdict = json["verdict"];
  text += "\n    " + verdict["kind"].get<std::string>() + ": " + verdict["text"].get<std::string>() + "\n";
  if (!verdict["repack"].is_null()) text += "    " + verdict["repack"].get<std::string>() + "\n";
  return text;
}

std::string text_of(const Json& json) {
  std::string text = printable(json["file"].get<std::string>()) + ": " + shown_bytes(json["bytes"]) + ", " +
                     count(json["groups"].size(), "group", "groups") + ", " +
                     count(json["datasets"].size(), "dataset", "datasets") + "\n";
  for (const Json& group : json["groups"]) {
    const auto name = printable(group["name"].get<std::string>());
    text += (name == "/" ? name : name + "/") + "  " +
            (group.contains("error") ? "cannot be looked at" : count(group["attributes"], "attribute", "attributes")) +
            "\n";
  }
  for (const Json& link : json["links_to_nowhere"])
    text += printable(link.get<std::string>()) + "  a link to nowhere\n";
  for (const Json& dataset : json["datasets"]) text += dataset_text(dataset);
  return text;
}

/// Says on the other stream what could not be looked at.
bool say_errors(Console& console, const Json& json) {
  bool any = false;
  for (const char* kind : {"groups", "datasets"})
    for (const Json& one : json[kind])
      if (one.contains("error")) {
        console.say(one["error"].get<std::string>());
        any = true;
      }
  return any;
}

}  // namespace

int Inspect::run(Console& console) const {
  require(batch >= 1, name, "--batch must be >= 1, got ", batch);
  const std::int64_t limit = parse_bytes(name, memory);
  int code = kDone;
  for (const std::string& path : files) {
    try {
      const Json json_of_file = described(path, limit, batch);
      console.print(json ? dumped(json_of_file) + "\n" : text_of(json_of_file));
      if (say_errors(console, json_of_file)) code = kFailed;
    } catch (const Error& error) {
      console.say(error.what());
      code = kFailed;
    }
  }
  return code;
}

}  // namespace headrace::tool
