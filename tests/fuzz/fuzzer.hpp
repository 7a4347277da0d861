// What fuzzers share: seconds and a seed on the command line, damage, and the seed that fails printed.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <random>
#include <string>

namespace headrace::fuzz {

using Random = std::mt19937;

/// A few bytes changed, lost, doubled or cut off.
inline void damage(std::string& data, Random& random, unsigned most = 4) {
  for (unsigned turns = 1 + random() % most; turns > 0 && !data.empty(); --turns) {
    const std::size_t place = random() % data.size();
    switch (random() % 6) {
      case 0:
        data.resize(place);
        break;
      case 1:
        data.insert(place, 1, static_cast<char>(random()));
        break;
      case 2:
        data.erase(place, 1 + random() % 3);
        break;
      case 3:
        data.insert(place, data.substr(random() % data.size(), random() % 64));
        break;
      case 4:
        data[place] = static_cast<char>(random() % 2 == 0 ? 0 : 0xff);
        break;
      default:
        data[place] = static_cast<char>(data[place] ^ 1 << random() % 8);
    }
  }
}

/// The main() of a fuzzer NAME SECONDS [SEED]: `run` with one seed after the other, until it says what is wrong.
inline int main(const std::string& name, int argc, char** argv, const std::function<std::string(Random&)>& run) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 10;
  std::uint32_t seed = argc > 2 ? static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)) : 1;
  std::cout << name << ": from seed " << seed << std::endl;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::int64_t runs = 0;
  do {
    Random random(seed);
    std::string wrong;
    try {
      wrong = run(random);
    } catch (const std::exception& error) {
      wrong = error.what();
    }
    if (!wrong.empty()) {
      std::cout << name << ": " << wrong << "; again: " << name << " 0 " << seed << std::endl;
      return 1;
    }
    ++seed, ++runs;
  } while (std::chrono::steady_clock::now() < end);
  std::cout << name << ": " << runs << " runs" << std::endl;
  return 0;
}

}  // namespace headrace::fuzz
