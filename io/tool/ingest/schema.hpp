// Options of a source, in JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <headrace/pipeline/stage.hpp>

namespace headrace::tool {

/// The contents of a file that holds a JSON object; an empty one for no path. IoError where it cannot be read,
/// ValueError where it holds something else.
nlohmann::ordered_json read_schema(std::string_view stage, const std::string& path);

/// Its members as the options of that name, in the table's order, others by their defaults. A name of a dtype stands
/// for that dtype, a list of sizes for a shape, a list for a tuple. ValueError for an option that there is not, or
/// another value.
std::vector<Value> option_values(std::string_view stage, const StageInfo& info, const nlohmann::ordered_json& schema);

}  // namespace headrace::tool
