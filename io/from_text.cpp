#include <headrace/io/from_text.hpp>

#include <cstring>

#include <headrace/io/records/format.hpp>
#include <headrace/io/utf8.hpp>

namespace headrace {

namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";  // of UTF-8

class Lines final : public records::Format {
 public:
  explicit Lines(bool as_bytes) : as_bytes_(as_bytes) {}

  Spec spec() const override { return {Structure::leaf(), {{dtype(), {}}}}; }

  void check_beginning(std::string_view stage, const std::string& path, std::string_view bytes) const override {
    const bool utf16 = bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF");
    require(as_bytes_ || !utf16, stage, "text must be UTF-8, got UTF-16 in '", path,
            "'; convert it (iconv -f UTF-16 -t UTF-8), or read it with as_bytes=True");
  }

  std::size_t whole_records(std::string_view bytes, std::int64_t, bool last) const override {
    return last ? bytes.size() : bytes.rfind('\n') + 1;  // 0 where there is none
  }

  Rows parse(const Node& node, const records::Block& block) const override {
    std::string_view bytes = block.bytes;
    if (block.offset == 0 && bytes.starts_with(kMark)) bytes.remove_prefix(kMark.size());
    const std::int64_t ends = records::count_lines(bytes);
    const std::int64_t count = ends + (!bytes.empty() && bytes.back() != '\n');
    Tensor lines = Tensor::empty(dtype(), {count});
    auto* const items = reinterpret_cast<Text*>(lines.mutable_data());
    for (std::int64_t i = 0; i < count; ++i) {
      const auto* const end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
      std::string_view line = bytes.substr(0, end ? static_cast<std::size_t>(end - bytes.data()) : bytes.size());
      bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      items[i] = {line.data(), static_cast<std::int64_t>(line.size())};
    }
    lines.set_heap(block.buffer);
    Rows rows = Rows::of_columns(Structure::leaf(), {lines.read_only()}, count);
    if (!as_bytes_ && !is_utf8(block.bytes)) add_failures(node, block, items, rows);
    return rows;
  }

 private:
  DType dtype() const { return as_bytes_ ? headrace::bytes : text; }

  static void add_failures(const Node& node, const records::Block& block, Text* lines, Rows& rows) {
    for (std::int64_t i = 0; i < rows.count; ++i) {
      if (is_utf8(lines[i].view())) continue;
      try {
        require(false, node.label(), "text must be UTF-8, got b'", escaped(lines[i].view()), "' in line ",
                block.line + i, " of '", *block.path, "'; read it with as_bytes=True");
      } catch (...) {
        rows.failures.push_back({i, records::capture_failure_at(node, block, block.line + i)});
      }
      lines[i] = {};
    }
  }

  bool as_bytes_;
};

}  // namespace

Dataset FromText::operator()() const {
  return Dataset(records::make_record_node(input_files(name, files), std::make_unique<const Lines>(as_bytes)));
}

}  // namespace headrace
