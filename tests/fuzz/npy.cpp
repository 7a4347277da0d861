// SECONDS [SEED]: damages heads of .npy files and .npz files, parses them, and reads what comes of it.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include <libdeflate.h>

#include <headrace/io/from_npy.hpp>
#include <headrace/io/from_npz.hpp>
#include <headrace/io/npy/head.hpp>
#include <headrace/pipeline/dataset.hpp>
#include <headrace/tensor/error.hpp>

#include "../io/zip_made.hpp"
#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;

const std::string kPath =
    (std::filesystem::temp_directory_path() / ("headrace-fuzz-npy-" + std::to_string(getpid()))).string();

std::string descr(Random& random, int depth) {
  static const char* const plain[] = {"<f4", ">f8", "|b1",     "<i2", ">u8", "<c8", ">c16", "|S3",
                                      ">U2", "|V4", "<M8[ns]", "|O",  "<m8", "<f2", "<g3"};
  if (random() % 4 || depth > 3) return "'" + std::string(plain[random() % std::size(plain)]) + "'";
  std::string text = "[";
  for (unsigned fields = random() % 4; fields > 0; --fields) {
    text += "(" +
            std::string(random() % 5   ? "'f" + std::to_string(fields) + "'"
                        : random() % 2 ? "''"
                                       : "('t', 'n')") +
            ", " + descr(random, depth + 1) +
            (random() % 2   ? ""
             : random() % 2 ? ", (2, 3)"
                            : ", 2") +
            "), ";
  }
  return text + "]";
}

std::string npy(Random& random) {
  std::string shape;
  for (unsigned axes = random() % 4; axes > 0; --axes) shape += std::to_string(random() % 6) + ", ";
  const std::string head = "{'descr': " + descr(random, 0) + ", 'fortran_order': " + (random() % 2 ? "True" : "False") +
                           ", 'shape': (" + shape + ")}" + std::string(random() % 20, ' ') + "\n";
  const bool large = random() % 3 == 0;
  std::string file = std::string("\x93NUMPY") + static_cast<char>(large ? 2 + random() % 2 : 1) + '\0' +
                     numbers({{head.size(), large ? 4 : 2}}) + head;
  try {  // as many bytes as the head says, so that it is read
    const NpyHead parsed = parse_npy_head("fuzz", "it", file);
    if (parsed.bytes < 1 << 16) {
      for (std::int64_t i = 0; i < parsed.bytes; ++i) file += static_cast<char>(random());
    }
  } catch (const Error&) {
  }
  return file;
}

/// Some members deflated.
std::string npz(Random& random) {
  std::vector<std::pair<std::string, std::string>> members;
  for (unsigned count = random() % 4; count > 0; --count)
    members.emplace_back((random() % 3 ? "x" : "y") + std::to_string(count) + ".npy", npy(random));
  if (members.empty() || random() % 2) return zip_of(members);
  auto* const compressor = libdeflate_alloc_compressor(6);
  const auto& [name, contents] = members.front();
  std::string deflated(libdeflate_deflate_compress_bound(compressor, contents.size()), '\0');
  deflated.resize(
      libdeflate_deflate_compress(compressor, contents.data(), contents.size(), deflated.data(), deflated.size()));
  libdeflate_free_compressor(compressor);
  const std::string common = numbers({{20, 2},
                                      {0, 2},
                                      {8, 2},
                                      {0, 4},
                                      {crc_of(contents), 4},
                                      {deflated.size(), 4},
                                      {contents.size(), 4},
                                      {name.size(), 2},
                                      {0, 2}});
  const std::string body = "PK\3\4" + common + name + deflated;
  const std::string directory = "PK\1\2" + numbers({{20, 2}}) + common + numbers({{0, 10}, {0, 4}}) + name;
  return body + directory + "PK\5\6" +
         numbers({{0, 4}, {1, 2}, {1, 2}, {directory.size(), 4}, {body.size(), 4}, {0, 2}});
}

void read(const Dataset& dataset) {
  if (dataset.cardinality() == 0) return;
  dataset[0];
  dataset[std::min<std::int64_t>(dataset.cardinality(), 1000) - 1];
}

std::string run(Random& random) {
  const bool archive = random() % 2;
  std::string data = archive ? npz(random) : npy(random);
  if (random() % 4 != 0) fuzz::damage(data, random, 3);
  if (!archive) {
    const std::vector<char> exact(data.begin(), data.end());  // AddressSanitizer sees a byte beyond
    const std::string_view front(exact.data(), exact.size());
    try {
      const std::int64_t size = npy_head_size("fuzz", "it", front.substr(0, 12));
      if (size <= static_cast<std::int64_t>(front.size()))
        parse_npy_head("fuzz", "it", front.substr(0, static_cast<std::size_t>(size)));
    } catch (const Error&) {
    }
  }
  std::ofstream(kPath, std::ios::binary) << data;
  for (const bool mmap : {false, true}) {
    try {
      read(archive ? from_npz({kPath}, {}, mmap) : from_npy({kPath}, mmap));
    } catch (const Error&) {
    }
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  const int result = headrace::fuzz::main("npy", argc, argv, run);
  std::filesystem::remove(kPath);
  return result;
}
