#include <headrace/io/tool/man.hpp>

#include <headrace/io/tool/commands.hpp>
#include <headrace/io/tool/help.hpp>

namespace headrace::tool {
namespace {

/// As roff takes it: no line begins with a control character, hyphens stay hyphens.
std::string plain(const std::string& words) {
  std::string text;
  for (const char c : words) {
    if ((c == '.' || c == '\'') && (text.empty() || text.back() == '\n')) text += "\\&";
    if (c == '\\')
      text += "\\e";
    else if (c == '-')
      text += "\\-";
    else
      text += c;
  }
  return text;
}

std::string bold(const std::string& words) { return "\\fB" + plain(words) + "\\fR"; }

std::string section(const CommandInfo& command) {
  std::string text = ".SS " + bold(usage(command)) + "\n" + plain(command.summary) + "\n.PP\n";
  for (const char c : plain(command.details)) text += c == '\n' ? std::string("\n.PP\n") : std::string(1, c);
  text += "\n";
  for (const Parameter& parameter : command.parameters)
    text += ".TP\n" + bold(signature(parameter)) + "\n" + plain(description(parameter)) + "\n";
  for (const Example& example : command.examples)
    text += ".PP\n.EX\n" + bold(example.line) + "\n.EE\n.RS\n" + plain(example.does) + "\n.RE\n";
  return text;
}

}  // namespace

int Man::run(Console& console) const {
  std::string text = ".TH HEADRACE 1 \"\" \"" + version().substr(0, version().size() - 1) +
                     "\"\n.SH NAME\nheadrace \\- looks into HDF5 files, checks them and makes them fit for streaming\n"
                     ".SH SYNOPSIS\n" +
                     bold("headrace") + " COMMAND [OPTIONS] ...\n.SH COMMANDS\n";
  for (const CommandInfo* command : commands()) text += section(*command);
  text += ".SH EXIT STATUS\n.EX\n" + plain(exit_codes()) +
          ".EE\n.SH SEE ALSO\n.BR h5dump (1),\n.BR h5repack (1),\n.BR h5diff (1)\n";
  console.print(text);
  return kDone;
}

}  // namespace headrace::tool
