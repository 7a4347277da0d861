#include <headrace/io/tool/command_line.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

#include <headrace/io/tool/commands.hpp>

namespace headrace::tool {
namespace {

/// How many letters must change, so that one word is the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({diagonal + (a[i - 1] != b[j - 1]), above + 1, row[j - 1] + 1});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// "no command 'verfy'; did you mean 'verify'?"
std::string no_command(const std::string& word) {
  const auto all = commands();
  const CommandInfo* const close = *std::min_element(all.begin(), all.end(), [&](const auto* a, const auto* b) {
    return distance(word, a->name) < distance(word, b->name);
  });
  const std::string text = "no command '" + word + "'; ";
  if (distance(word, close->name) <= 2) return text + "did you mean '" + close->name + "'?";
  return text + "'headrace --help' lists them";
}

/// The option that an unknown word was probably meant for.
std::string no_option(const CommandInfo& command, const std::string& word) {
  const std::string name = word.substr(std::min(word.find_first_not_of('-'), word.size()), word.find('=') - 2);
  for (const Parameter& parameter : command.parameters)
    if (!parameter.positional && distance(name, parameter.name) <= 2)
      return "unknown option '" + word + "'; did you mean '--" + parameter.name + "'?";
  return (word.starts_with('-') ? "unknown option '" : "one argument too many, '") + word + "'; 'headrace " +
         command.name + " --help' lists what it takes";
}

std::string names_for_cli(const Parameter& parameter) {
  if (parameter.positional) return parameter.name;
  return (parameter.letter ? std::string("-") + parameter.letter + "," : "") + "--" + parameter.name;
}

/// CLI11's option that keeps words; they become values here.
CLI::Option* add(CLI::App& app, const Parameter& parameter) {
  const auto keep = [](const CLI::results_t&) { return true; };
  if (parameter.type == OptionType::boolean) return app.add_flag(names_for_cli(parameter));
  CLI::Option* const option = app.add_option(names_for_cli(parameter), CLI::callback_t(keep));
  if (parameter.type == OptionType::strings) option->expected(CLI::detail::expected_max_vector_size);
  option->required(parameter.required);
  return option;
}

/// ValueError for what is no number.
Value value_of(const CommandInfo& command, const Parameter& parameter, const CLI::Option& option) {
  if (option.count() == 0) return parameter.default_value;
  const std::vector<std::string>& words = option.results();
  switch (parameter.type) {
    case OptionType::boolean:
      return true;
    case OptionType::strings:
      return words;
    case OptionType::integer: {
      std::int64_t number = 0;
      const char* const end = words.back().data() + words.back().size();
      const auto [stop, error] = std::from_chars(words.back().data(), end, number);
      require(error == std::errc() && stop == end, command.name, "--", parameter.name, " must be a whole number, got '",
              words.back(), "'");
      return number;
    }
    default:
      return words.back();
  }
}

std::string missing(const CommandInfo& command, const std::string& cause) {
  for (const Parameter& parameter : command.parameters)
    if (parameter.required && cause.find(parameter.name) != std::string::npos)
      return (parameter.positional ? parameter.name : "--" + parameter.name) + " must be given; see 'headrace " +
             command.name + " --help'";
  return cause + "; see 'headrace " + command.name + " --help'";
}

}  // namespace

Request parse(std::vector<std::string> words) {
  Request request;
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    request.help = true;
    if (words.size() > 1) request.command = find_command(words[1]);
    return request;
  }
  request.version = words[0] == "--version";
  if (request.version) return request;
  request.command = find_command(words[0]);
  if (!request.command) {
    request.wrong = no_command(words[0]);
    return request;
  }
  const CommandInfo& command = *request.command;
  CLI::App app("", command.name);
  std::vector<CLI::Option*> options;
  for (const Parameter& parameter : command.parameters) options.push_back(add(app, parameter));
  words.erase(words.begin());
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(std::move(words));
    for (std::size_t i = 0; i < options.size(); ++i)
      request.values.push_back(value_of(command, command.parameters[i], *options[i]));
  } catch (const CLI::CallForHelp&) {
    request.help = true;
  } catch (const CLI::ExtrasError&) {
    request.wrong = "[" + command.name + "] " + no_option(command, app.remaining().front());
  } catch (const CLI::Error& error) {
    request.wrong = "[" + command.name + "] " + missing(command, error.what());
  } catch (const ValueError& error) {
    request.wrong = error.what();
  }
  return request;
}

}  // namespace headrace::tool
