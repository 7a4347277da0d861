// SECONDS [SEED]: text and records of one size, also of gzip, in files of one block and of several, beside a reader of
// single characters; gone on with from a state at any row.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include <headrace/io/from_fixed_records.hpp>
#include <headrace/io/from_text.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/tensor/error.hpp>

#include "../io/gzip_made.hpp"
#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;
using Texts = std::vector<std::string>;

const std::string kPath =
    (std::filesystem::temp_directory_path() / ("headrace-fuzz-records-" + std::to_string(getpid()))).string();

std::string contents(Random& random) {
  static const std::string alphabets[] = {"a\n", "aaaaaaaa\r\n", "\xC3\xA4\xEF\xBB\xBF\xFF\n\r",
                                          std::string("\0a\n", 3)};
  const std::string& alphabet = alphabets[random() % std::size(alphabets)];
  std::string text(random() % 3 == 0 ? "\xEF\xBB\xBF" : "");
  const std::size_t size = random() % 16 == 0 ? random() % 1'500'000 : random() % 200;
  while (text.size() < size) text += alphabet[random() % alphabet.size()];
  return text;
}

Texts lines_of(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  Texts lines;
  std::string line;
  const auto end_line = [&] {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::exchange(line, {}));
  };
  for (const char c : text) c == '\n' ? end_line() : line.push_back(c);
  if (!line.empty()) end_line();
  return lines;
}

struct Read {
  Texts rows;
  std::int64_t errors = 0;
};

/// What `iterator` gives, at most `count` rows.
void read(Iterator& iterator, std::size_t count, Read& to) {
  while (to.rows.size() < count) {
    try {
      const auto element = iterator.next();
      if (!element) return;
      const Tensor& row = element->tensor();
      to.rows.emplace_back(row.dtype().variable_length() ? std::string(row.text())
                                                         : std::string(reinterpret_cast<const char*>(row.data()),
                                                                       static_cast<std::size_t>(row.nbytes())));
    } catch (const Error&) {
      if (++to.errors > 1) throw std::runtime_error("an error twice");
    }
  }
}

std::string run(Random& random) {
  std::string text = contents(random);
  const bool lines = random() % 2 == 0, gzip = random() % 2 == 0, damaged = gzip && random() % 2 == 0;
  const std::size_t size = 1 + random() % (random() % 2 ? 5 : 5000);
  if (!lines) text.resize(text.size() / size * size);
  Texts wanted;
  if (lines) wanted = lines_of(text);
  for (std::size_t place = 0; !lines && place < text.size(); place += size) wanted.push_back(text.substr(place, size));
  std::string file = gzip ? gzip_of(text) : text;
  if (damaged) fuzz::damage(file, random);
  if (!gzip && file.starts_with("\x1f\x8b")) return "";
  std::ofstream(kPath, std::ios::binary) << file;
  const bool still_gzip = file.starts_with("\x1f\x8b");
  if (gzip && !still_gzip) return "";
  const Dataset dataset =
      lines ? from_text({kPath}, true) : from_fixed_records({kPath}, static_cast<std::int64_t>(size));
  Iterator iterator = dataset.iterate(0);
  Read all;
  const std::size_t stop = random() % (wanted.size() + 1);
  read(iterator, stop, all);
  const std::string state = iterator.state();
  Read rest{all.rows, all.errors};
  read(iterator, SIZE_MAX, all);
  Iterator again = dataset.iterate(0);
  again.load_state(state);
  read(again, SIZE_MAX, rest);
  if (rest.rows != all.rows || rest.errors != all.errors) return "another rest behind row " + std::to_string(stop);
  if (!damaged && all.errors > 0) return "an error of a sound file";
  if (all.errors == 0 && !damaged) return all.rows == wanted ? "" : "other rows";
  if (all.errors == 0) return "";         // damage that gzip does not see: of its head, or of a doubled member
  if (text.size() >= 1 << 16) return "";  // the checksum comes last: rows of blocks before it may be others
  const bool right = all.rows.size() <= wanted.size() && std::equal(all.rows.begin(), all.rows.end(), wanted.begin());
  return right ? "" : "other rows before the damage";
}

}  // namespace

int main(int argc, char** argv) {
  const int result = headrace::fuzz::main("records", argc, argv, run);
  std::filesystem::remove(kPath);
  return result;
}
