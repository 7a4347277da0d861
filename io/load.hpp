// Elements that were saved.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Load {
  std::string path;
  std::optional<Spec> element_spec;
  static constexpr auto name = "load";
  static constexpr auto summary = "Gives the elements of a folder that save, cache or snapshot wrote.";
  static constexpr auto details =
      "Shape: the elements as they were, in their structure; sizes that differed are None in element_spec. A\n"
      "    namedtuple or dataclass comes back as such if its module is imported or element_spec has it, else as a\n"
      "    plain tuple.\n"
      "Order: as they were written; random access; the cardinality is exact.\n"
      "Memory: files are mapped, not read: elements and ranges of them are read-only views, which outlive the\n"
      "    Dataset. The files must not be cut short meanwhile; saving anew to the same path does no harm.\n"
      "Errors: OSError for a missing file; ValueError for one whose size or head is not what manifest.json says,\n"
      "    naming it, and for elements unlike element_spec. The bytes of elements are not checked. A Dataset pickles\n"
      "    by its path.\n"
      "Source: tf.data.Dataset.load, without compression and reader_func.";
  static constexpr auto options() {
    return std::tuple{
        required("path", &Load::path, "the folder"),
        hint("element_spec", &Load::element_spec,
             "what elements must look like, with the classes of their structure; None: whatever they do")};
  }
  Dataset operator()() const;
};

inline Dataset load(std::string path) { return make_source(Load{std::move(path), std::nullopt}); }

}  // namespace headrace
