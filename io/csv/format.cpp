#include <headrace/io/csv/format.hpp>

#include <headrace/io/byte_stream.hpp>
#include <headrace/io/csv/rows_reader.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::csv {

namespace {

constexpr std::size_t kSample = std::size_t{1} << 20, kMostRecord = std::size_t{1} << 26;

class Csv final : public records::Format {
 public:
  Csv(Reading reading, Table table) : reading_(std::move(reading)), table_(std::move(table)) {}

  Spec spec() const override { return table_.spec(); }

  std::string identity() const override {
    std::string text;
    for (const std::string& name : table_.names) text += name + ",";
    for (const Column& column : table_.columns) text += std::to_string(column.field) + column.dtype.name() + ",";
    return text;
  }

  void check_beginning(std::string_view stage, const std::string& path, std::string_view bytes) const override {
    require_utf8(stage, path, bytes);
    const std::size_t whole = csv::whole_records(reading_.dialect, bytes, true);
    if (!reading_.header || !has_record(bytes.substr(0, whole))) return;  // more will come, or there is no row
    const Scanner scanner(reading_.dialect, without_mark(bytes));
    const std::vector<std::string> names = field_names(reading_, scanner, path);
    if (names == table_.names) return;
    std::size_t first = 0;
    while (first < names.size() && first < table_.names.size() && names[first] == table_.names[first]) ++first;
    const auto name = [&](const std::vector<std::string>& all) {
      return first < all.size() ? "'" + all[first] + "'" : std::string("none");
    };
    require(false, stage, "every file must have the header of the first, got ", name(names), " for ",
            name(table_.names), " as column ", first, " of '", path, "'; read it by itself");
  }

  std::size_t whole_records(std::string_view bytes, std::int64_t offset, bool last) const override {
    const std::size_t whole = last ? bytes.size() : csv::whole_records(reading_.dialect, bytes, offset == 0);
    if (offset > 0 || last) return whole;
    return has_record(bytes.substr(0, whole)) ? whole : 0;  // a header and what stands before it stay together
  }

  Rows parse(const Node& node, const records::Block& block) const override {
    const auto capture = [&](std::int64_t line) { return records::capture_failure_at(node, block, line); };
    return RowsReader(reading_, table_, block, capture).read();
  }

 private:
  bool has_record(std::string_view beginning) const {
    const Scanner scanner(reading_.dialect, without_mark(beginning));
    return scanner.record(scanner.begin()) < scanner.end();
  }

  Reading reading_;
  Table table_;
};

}  // namespace

void require_utf8(std::string_view stage, const std::string& path, std::string_view bytes) {
  require(!bytes.starts_with("\xFF\xFE") && !bytes.starts_with("\xFE\xFF"), stage,
          "text must be UTF-8, got UTF-16 in '", path, "'; convert it (iconv -f UTF-16 -t UTF-8)");
}

std::string sample_of(const Reading& reading, const InputFile& file) {
  ByteStream stream(reading.stage, file);
  std::string sample;
  for (std::size_t wanted = kSample; wanted <= kMostRecord; wanted *= 2) {
    const std::size_t before = sample.size();
    sample.resize(wanted);
    sample.resize(before + stream.read(sample.data() + before, wanted - before));
    if (sample.size() < wanted) return sample;
    const std::string_view whole(sample.data(), whole_records(reading.dialect, sample, true));
    const Scanner scanner(reading.dialect, without_mark(whole));
    if (scanner.record(first_row(reading, scanner)) < scanner.end()) return std::string(whole);
  }
  return sample;
}

std::unique_ptr<const records::Format> make_format(Reading reading, Table table) {
  return std::make_unique<const Csv>(std::move(reading), std::move(table));
}

}  // namespace headrace::csv
