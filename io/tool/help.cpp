#include <headrace/io/tool/help.hpp>

#include <algorithm>

#include <headrace/io/tool/commands.hpp>

namespace headrace::tool {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kColumn = 24;

/// Words in lines of kWidth, each after `indent` spaces; the first one goes on at `at`.
std::string wrapped(const std::string& words, std::size_t indent, std::size_t at) {
  std::string text;
  for (std::size_t begin = 0; begin < words.size();) {
    std::size_t end = std::min(words.find(' ', begin), words.size());
    if (at > indent && at + 1 + end - begin > kWidth) {
      text += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (at > indent) {
      text += " ";
      ++at;
    }
    text += words.substr(begin, end - begin);
    at += end - begin;
    begin = end + 1;
  }
  return text + "\n";
}

std::string row(const std::string& left, const std::string& right) {
  std::string text = "  " + left;
  if (text.size() + 2 > kColumn)
    text += "\n" + std::string(kColumn, ' ');
  else
    text.resize(kColumn, ' ');
  return text + wrapped(right, kColumn, kColumn);
}

}  // namespace

std::string version() { return "headrace " HEADRACE_VERSION "\n"; }

std::string usage(const CommandInfo& command) {
  std::string text = "headrace " + command.name + " [OPTIONS]";
  for (const Parameter& parameter : command.parameters) {
    if (!parameter.positional) {
      if (parameter.required) text += " --" + parameter.name + " " + parameter.takes;
      continue;
    }
    const std::string word = parameter.name + (parameter.type == OptionType::strings ? "..." : "");
    text += parameter.required ? " " + word : " [" + word + "]";
  }
  return text;
}

std::string signature(const Parameter& parameter) {
  if (parameter.positional) return parameter.name;
  std::string text = parameter.letter ? std::string("-") + parameter.letter + ", " : "";
  text += "--" + parameter.name;
  return parameter.takes.empty() ? text : text + " " + parameter.takes;
}

std::string description(const Parameter& parameter) {
  if (parameter.required) return parameter.doc;
  if (const auto* number = std::get_if<std::int64_t>(&parameter.default_value))
    return parameter.doc + " [" + std::to_string(*number) + "]";
  if (const auto* words = std::get_if<std::string>(&parameter.default_value); words && !words->empty())
    return parameter.doc + " [" + *words + "]";
  return parameter.doc;
}

std::string exit_codes() {
  return row("0", "the work is done, and the data are sound") +
         row("1", "the data are bad, or the work failed; standard error says why") +
         row("2", "the command line is wrong") +
         row("128 + N", "signal N ended the work: 130 for Ctrl-C, 143 for SIGTERM");
}

std::string help() {
  std::string text =
      "headrace looks into HDF5 files, checks them and makes them fit for streaming.\n\nUsage: headrace "
      "COMMAND [OPTIONS] ...\n\nCommands:\n";
  for (const CommandInfo* command : commands()) text += row(command->name, command->summary);
  return text + "\n'headrace COMMAND --help' says more, 'headrace --version' which one this is.\n\nExit codes:\n" +
         exit_codes();
}

std::string help(const CommandInfo& command) {
  std::string text = command.summary + "\n\nUsage: " + usage(command) + "\n\n";
  for (std::size_t begin = 0; begin < command.details.size();) {
    const std::size_t end = std::min(command.details.find('\n', begin), command.details.size());
    text += wrapped(command.details.substr(begin, end - begin), 0, 0);
    begin = end + 1;
  }
  text += "\nArguments and options:\n";
  for (const Parameter& parameter : command.parameters) text += row(signature(parameter), description(parameter));
  text += row("-h, --help", "this text") + "\nExamples:\n";
  for (const Example& example : command.examples)
    text += std::string("  ") + example.line + "\n      " + example.does + "\n";
  return text;
}

}  // namespace headrace::tool
