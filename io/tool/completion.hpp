#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Completion {
  std::string shell;
  static constexpr auto name = "completion";
  static constexpr auto summary = "Prints what makes a shell complete commands and options.";
  static constexpr auto details = "Where an argument is a file, the shell completes files.";
  static std::vector<Example> examples() {
    return {{"source <(headrace completion bash)", "in ~/.bashrc"},
            {"headrace completion zsh > ~/.zfunc/_headrace", "where fpath has ~/.zfunc in it"},
            {"headrace completion fish > ~/.config/fish/completions/headrace.fish", "for fish"}};
  }
  static std::vector<std::string> choices() { return {"bash", "zsh", "fish"}; }
  static constexpr auto parameters() { return std::tuple{argument("SHELL", &Completion::shell, "bash, zsh or fish")}; }
  int run(Console& console) const;
};

}  // namespace headrace::tool
