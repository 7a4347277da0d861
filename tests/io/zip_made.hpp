// Zip files as the tests make them.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace headrace {

inline std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// ZIP's checksum, bit by bit.
inline std::uint32_t crc_of(const std::string& contents) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : contents) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

/// Little-endian numbers, (value, bytes) each.
inline std::string numbers(std::initializer_list<std::pair<std::uint64_t, int>> values) {
  std::string text;
  for (auto [value, size] : values)
    for (; size > 0; --size, value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}

/// (name, contents) each, stored.
inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string body, directory;
  for (const auto& [name, contents] : members) {
    const std::size_t size = contents.size(), place = body.size();
    const std::string common =
        numbers({{20, 2}, {0, 8}, {crc_of(contents), 4}, {size, 4}, {size, 4}, {name.size(), 2}, {0, 2}});
    body += "PK\3\4" + common + name + contents;
    directory += "PK\1\2" + numbers({{20, 2}}) + common + numbers({{0, 2}, {0, 8}, {place, 4}}) + name;
  }
  return body + directory + "PK\5\6" +
         numbers({{0, 4}, {members.size(), 2}, {members.size(), 2}, {directory.size(), 4}, {body.size(), 4}, {0, 2}});
}

}  // namespace headrace
