// SECONDS [SEED]: damages journals of the program, goes on with them, and looks at the pieces that are found.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include <headrace/io/tool/journal.hpp>
#include <headrace/tensor/error.hpp>

#include "../io/zip_made.hpp"
#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;
using tool::Journal;

const std::string kPath =
    (std::filesystem::temp_directory_path() / ("headrace-fuzz-journal-" + std::to_string(getpid()))).string();

struct Piece {
  std::uint32_t mark;
  std::vector<std::byte> bytes;
};
using Pieces = std::map<Journal::Key, Piece>;

Pieces made(Random& random) {
  Pieces pieces;
  for (unsigned count = random() % 6; count > 0; --count) {
    Piece& piece = pieces[{random() % 3, random() % 4}];
    piece.mark = static_cast<std::uint32_t>(random());
    piece.bytes.assign(random() % 200, std::byte{});
    for (std::byte& byte : piece.bytes) byte = static_cast<std::byte>(random());
  }
  return pieces;
}

/// Those found must be as they were added; the others are added anew.
std::string go_on(const Pieces& pieces, std::int64_t& found) {
  Journal journal("fuzz", kPath, "work");
  for (std::int64_t first = 0; first < 3; ++first)
    for (std::int64_t second = 0; second < 4; ++second)
      if (journal.found({first, second}) && !pieces.contains({first, second})) return "a piece that nobody made";
  for (const auto& [key, piece] : pieces) {
    if (!journal.found(key)) {
      journal.add(key, piece.mark, piece.bytes);
      continue;
    }
    ++found;
    const Journal::Piece known = journal.piece(key);
    if (known.mark != piece.mark || journal.read(known) != piece.bytes) return "another piece";
  }
  return "";
}

std::string run(Random& random) {
  const Pieces pieces = made(random);
  std::filesystem::remove(kPath);
  std::int64_t found = 0;
  go_on(pieces, found);
  std::string data = contents_of(kPath);
  fuzz::damage(data, random);
  std::ofstream(kPath, std::ios::binary) << data;
  try {
    found = 0;
    if (const std::string wrong = go_on(pieces, found); !wrong.empty()) return wrong;
  } catch (const IoError&) {  // damage to the head: refused, and left as it is
    return contents_of(kPath) == data ? "" : "a journal that was refused was changed";
  }
  found = 0;
  const std::string wrong = go_on(pieces, found);
  return !wrong.empty() ? wrong : found == static_cast<std::int64_t>(pieces.size()) ? "" : "a piece that got lost";
}

}  // namespace

int main(int argc, char** argv) {
  const int result = headrace::fuzz::main("journal", argc, argv, run);
  std::filesystem::remove(kPath);
  return result;
}
