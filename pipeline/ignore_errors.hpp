// Elements without those that fail.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct IgnoreErrors {
  bool log_warning = false;
  std::optional<double> max_fraction;
  std::optional<std::string> log_file;
  static constexpr auto name = "ignore_errors";
  static constexpr auto summary = "Drops failing elements, and keeps count of them.";
  static constexpr auto details =
      "Shape: as upstream, of unknown number.\n"
      "Order: kept; a stream from here on. stats() counts what was dropped by the exceptions' types. What is no "
      "element's error\n"
      "    (KeyboardInterrupt, SystemExit) is never dropped.\n"
      "    log_file gets a line for each, as the next element is taken: {\"position\": ..., \"origin\": \"[map] "
      "element "
      "3 ...\",\n"
      "    \"error\": \"ValueError: ...\"}; a run resumed from a state goes on after the lines of those before it.\n"
      "Errors: RuntimeError where the share of failing elements passes max_fraction: judged at each one from the "
      "hundredth\n"
      "    element on, or the 1 / max_fraction-th if that is later, and at the end; for 0 at once. It stops the run: "
      "every further\n"
      "    next() raises it. OSError where log_file cannot be written.\n"
      "Example: ds.map(decode).ignore_errors(max_fraction=0.01, log_file='bad.jsonl')\n"
      "Source: tf.data.Dataset.ignore_errors, which has log_warning only.";
  static constexpr auto options() {
    return std::tuple{hint("log_warning", &IgnoreErrors::log_warning, "warn of each one: hr.HeadraceWarning"),
                      optional("max_fraction", &IgnoreErrors::max_fraction,
                               "the largest share of elements that may fail, within [0, 1]; None: any"),
                      hint("log_file", &IgnoreErrors::log_file, "a file that lines of JSON are appended to")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
