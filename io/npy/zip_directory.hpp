// What a zip file says that it holds (PKWARE's APPNOTE.TXT). Nothing is extracted: a name is only a name.
#pragma once

#include <functional>
#include <span>

#include <headrace/io/stamped_files.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

struct ZipMember {
  enum class Method : unsigned char { stored, deflated };
  std::string name;
  Method method = Method::stored;
  std::int64_t offset = 0;  // of its bytes in the file
  std::int64_t stored = 0;  // and their number
  std::int64_t size = 0;    // of its contents
  std::uint32_t crc = 0;    // of its contents
  std::string refused;      // why it cannot be read; empty: it can
};

/// What stays so, however often it is read. text() is what() without the stage.
class ZipDamage : public IoError {
 public:
  ZipDamage(std::string_view stage, std::string text) : IoError(sentence(stage, text)), text_(std::move(text)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// The members in the order of the directory. All places are checked against the file and each other: no two members
/// share a byte. IoError for what is no zip file, or a damaged one, or one that names a member twice. Encrypted members
/// and those of other methods are only marked.
std::vector<ZipMember> zip_members(const StampedFiles& files, std::size_t file);

/// The first bytes of its contents, which has as many. IoError for damage: `where` names the member.
void read_zip_front(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& where,
                    std::span<std::byte> to);
/// All of a deflated member's contents, into exactly member.size bytes: ZipDamage where more or fewer come out, or
/// others than the checksum says.
void inflate_zip_member(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& where,
                        std::span<std::byte> to);
/// Reads a stored member and compares its checksum. ZipDamage where it is another. `stop` is asked now and then; where
/// it says so, the rest is left: false.
bool check_zip_member(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& where,
                      const std::function<bool()>& stop);

}  // namespace headrace
