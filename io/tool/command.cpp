#include <headrace/io/tool/command.hpp>

#include <charconv>

namespace headrace::tool {

std::int64_t parse_bytes(std::string_view command, const std::string& text) {
  constexpr std::string_view kUnits = "KMGT";
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  int shift = 0;
  if (!rest.empty() && kUnits.find(rest.front()) != std::string_view::npos) {
    shift = 10 * (static_cast<int>(kUnits.find(rest.front())) + 1);
    rest.remove_prefix(1);
    if (rest == "B" || rest == "iB") rest = {};
  }
  require(error == std::errc() && rest.empty() && number > 0 && number <= INT64_MAX >> shift, command,
          "--memory must be a number of bytes, with K, M, G or T behind it for units of 1024, got '", text, "'");
  return number << shift;
}

std::string show_bytes(double bytes) {
  const char* const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < std::size(units); bytes /= 1000) ++unit;
  char text[32];
  std::snprintf(text, sizeof text,
                unit == 0 || bytes >= 99.5 ? "%.0f %s"
                : bytes >= 9.95            ? "%.1f %s"
                                           : "%.2f %s",
                bytes, units[unit]);
  return text;
}

}  // namespace headrace::tool
