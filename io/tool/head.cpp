#include <headrace/io/tool/head.hpp>

#include <algorithm>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/io/hdf5/whole_array.hpp>
#include <headrace/io/tool/show.hpp>

namespace headrace::tool {
namespace {

void show_rows(Console& console, const hdf5::File& file, const std::string& name, std::int64_t most) {
  const auto array = file.array(Head::name, name);
  const hdf5::ArrayInfo& info = array->info();
  const std::int64_t rows = info.rank == 0 ? 1 : info.shape[0], count = std::min(most, rows);
  const DType dtype = info.sequences ? info.sequences->dtype : info.dtype;
  console.print(printable(info.name) + "  " + printable(dtype.name()) + (info.sequences ? " sequences " : " ") +
                to_string(info.shape) + "\n");
  std::string text;
  if (info.sequences) {
    const RaggedTensor part = hdf5::read_sequences(Head::name, *array, 0, count);
    const auto ends = part.row_splits().values<std::int64_t>();
    for (std::size_t i = 0; i + 1 < ends.size(); ++i)
      text += "  " + show(part.values().rows(ends[i], ends[i + 1] - ends[i])) + "\n";
  } else if (info.rank == 0) {
    text = "  " + show(hdf5::read_all(Head::name, *array)) + "\n";
  } else {
    const Tensor part = hdf5::read_rows(Head::name, *array, 0, count);
    for (std::int64_t i = 0; i < count; ++i) text += "  " + show(part.row(i)) + "\n";
  }
  if (count < rows) text += "  ... " + std::to_string(rows - count) + " more\n";
  console.print(text);
}

}  // namespace

int Head::run(Console& console) const {
  require(rows >= 0, name, "--rows must be >= 0, got ", rows);
  const auto opened = hdf5::File::open(name, file, false);
  if (!dataset.empty() && !opened->is_group(name, dataset)) {
    show_rows(console, *opened, dataset, rows);
    return kDone;
  }
  int code = kDone;
  for (const hdf5::Member& member : opened->members(name, dataset.empty() ? "/" : dataset, true)) {
    if (member.group || member.dangling) continue;
    Signals::poll();
    try {
      show_rows(console, *opened, member.name, rows);
    } catch (const Error& error) {
      console.say(error.what());
      code = kFailed;
    }
  }
  return code;
}

}  // namespace headrace::tool
