#include <headrace/io/tool/completion.hpp>

#include <headrace/io/tool/commands.hpp>

namespace headrace::tool {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string command_names() {
  std::vector<std::string> names;
  for (const CommandInfo* command : commands()) names.push_back(command->name);
  return joined(names);
}

std::vector<std::string> options_of(const CommandInfo& command) {
  std::vector<std::string> words{"--help"};
  for (const Parameter& parameter : command.parameters) {
    if (parameter.positional) continue;
    words.push_back("--" + parameter.name);
    if (parameter.letter) words.push_back(std::string("-") + parameter.letter);
  }
  return words;
}

std::string quoted(const std::string& words) {
  std::string text = "'";
  for (const char c : words) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string bash() {
  std::string text =
      "_headrace() {\n  local word=${COMP_WORDS[COMP_CWORD]} words=\n  if [ \"$COMP_CWORD\" = 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '" +
      command_names() + " --help --version' -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n";
  for (const CommandInfo* command : commands()) {
    text += "    " + command->name + ") words='" + joined(options_of(*command));
    if (!command->parameters.empty()) text += " " + joined(command->parameters.front().choices);
    text += "' ;;\n";
  }
  return text +
         "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n  [ ${#COMPREPLY[@]} -gt 0 ] || compopt -o "
         "default\n}\ncomplete -F _headrace headrace\n";
}

/// "'--chunk-rows[rows a chunk]:N:_files'" and the like, with what zsh would read in it escaped.
std::string zsh_entry(const Parameter& parameter) {
  std::string doc;
  for (const char c : parameter.doc)
    doc += (c == ':' || c == '[' || c == ']') ? std::string("\\") + c : std::string(1, c);
  const std::string action = parameter.choices.empty() ? "_files" : "(" + joined(parameter.choices) + ")";
  if (parameter.positional)
    return quoted((parameter.type == OptionType::strings ? "*:"
                   : parameter.required                  ? ":"
                                                         : "::") +
                  parameter.name + ":" + action);
  const std::string takes = parameter.takes.empty() ? "" : ":" + parameter.takes + ":_files";
  return quoted("--" + parameter.name + "[" + doc + "]" + takes);
}

std::string zsh() {
  std::string text = "#compdef headrace\n_headrace() {\n  local -a all=(\n";
  for (const CommandInfo* command : commands()) text += "    " + quoted(command->name + ":" + command->summary) + "\n";
  text +=
      "  )\n  if (( CURRENT == 2 )); then\n    _describe command all\n    return\n  fi\n  local "
      "command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const CommandInfo* command : commands()) {
    text += "    " + command->name + ") _arguments '--help[this text]'";
    for (const Parameter& parameter : command->parameters) text += " " + zsh_entry(parameter);
    text += " ;;\n";
  }
  return text +
         "  esac\n}\nif [ \"$funcstack[1]\" = _headrace ]; then _headrace \"$@\"; else compdef _headrace headrace; "
         "fi\n";
}

std::string fish() {
  std::string text;
  for (const CommandInfo* command : commands()) {
    text += "complete -c headrace -n __fish_use_subcommand -f -a " + command->name + " -d " + quoted(command->summary) +
            "\n";
    const std::string within = "complete -c headrace -n '__fish_seen_subcommand_from " + command->name + "'";
    for (const Parameter& parameter : command->parameters) {
      if (!parameter.choices.empty()) text += within + " -f -a " + quoted(joined(parameter.choices)) + "\n";
      if (parameter.positional) continue;
      text += within + " -l " + parameter.name + (parameter.letter ? std::string(" -s ") + parameter.letter : "") +
              (parameter.takes.empty() ? "" : " -r") + " -d " + quoted(parameter.doc) + "\n";
    }
  }
  return text;
}

}  // namespace

int Completion::run(Console& console) const {
  require(shell == "bash" || shell == "zsh" || shell == "fish", name, "SHELL must be bash, zsh or fish, got '", shell,
          "'");
  console.print(shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish());
  return kDone;
}

}  // namespace headrace::tool
