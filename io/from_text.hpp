// The lines of text files.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromText {
  std::vector<std::string> files;
  bool as_bytes = false;
  static constexpr auto name = "from_text";
  static constexpr auto summary = "Gives the lines of text files.";
  static constexpr auto details =
      "Shape: str (), or bytes () with as_bytes: a line without its end, which is \\n or \\r\\n; the last line of a "
      "file\n"
      "    needs none. Empty lines are lines. A byte order mark of UTF-8 is left out.\n"
      "Order: as in the files, one after the other; a stream. Gzip is known by its content.\n"
      "Memory: some blocks of 512 KiB, of which lines are views; a line has at most 64 MiB. Blocks are read in order "
      "and\n"
      "    split on all threads. The state is a place in a file; of gzip what lies before it is inflated again.\n"
      "Errors: OSError for a file that is missing or no plain file, and in the place of the next line of one that "
      "cannot\n"
      "    be read further or was changed since; then the next file goes on. ValueError for a line that is not UTF-8, "
      "and\n"
      "    for a file of UTF-16.\n"
      "Example: from_text(\"logs/*.txt.gz\").filter(lambda line: line != \"\").batch(64).\n"
      "Source: tf.data.TextLineDataset.";
  static constexpr auto options() {
    return std::tuple{required("files", &FromText::files, "a path, a pattern with * ? [...] in it, or a list"),
                      optional("as_bytes", &FromText::as_bytes, "lines as bytes, of any encoding")};
  }
  Dataset operator()() const;
};

inline Dataset from_text(std::vector<std::string> files, bool as_bytes = false) {
  return make_source(FromText{std::move(files), as_bytes});
}

}  // namespace headrace
