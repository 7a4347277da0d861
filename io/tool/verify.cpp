#include <headrace/io/tool/verify.hpp>

#include <filesystem>

#include <headrace/io/tool/salvage.hpp>
#include <headrace/io/tool/show.hpp>
#include <headrace/io/tool/sweep.hpp>

namespace headrace::tool {
namespace {

/// "train.h5: /images rows 64 to 127, chunk (64, 0) at byte 9000: gzip: damaged data"
std::string line(const std::string& path, const Finding& finding) {
  std::string text = printable(path) + ": " + printable(finding.object);
  if (finding.end > finding.begin)
    text += " rows " + std::to_string(finding.begin) + " to " + std::to_string(finding.end - 1);
  if (finding.chunk) text += ", chunk from " + to_string(*finding.chunk);
  if (finding.place) text += " at byte " + std::to_string(*finding.place);
  return text + ": " + printable(finding.cause) + "\n";
}

/// What is sound of a file with these findings, to a new one; whether that holds everything.
bool bring_out(Console& console, const Verify& options, const std::shared_ptr<const hdf5::File>& file,
               const std::vector<Finding>& found) {
  const Salvaged result = salvage(file, found, options.salvage);
  for (const Finding& lost : result.lost)
    console.print(printable(options.salvage) + ": " + printable(lost.object) + " rows " + std::to_string(lost.begin) +
                  " to " + std::to_string(lost.end - 1) + " hold the fill value\n");
  for (const std::string& words : result.left_out) console.say(sentence(Verify::name, "left out ", printable(words)));
  return result.lost.empty() && result.left_out.empty();
}

}  // namespace

int Verify::run(Console& console) const {
  jobs_for(name, *this, 1);
  if (!salvage.empty()) {
    std::error_code ignored;
    require(files.size() == 1, name, "--salvage is of one file, got ", files.size());
    require(!std::filesystem::equivalent(files[0], salvage, ignored), name, "OUT must be another file than FILE, got '",
            salvage, "' twice");
  }
  std::size_t bad = 0;
  bool whole = true;
  for (const std::string& path : files) {
    try {
      const auto file = hdf5::File::open(name, path, false);
      const std::vector<Finding> found = find_damage(console, *file, *this);
      for (const Finding& finding : found) console.print(line(path, finding));
      bad += found.size();
      if (!salvage.empty() && !bring_out(console, *this, file, found)) whole = false;
    } catch (const IoError& error) {
      console.say(error.what());
      whole = false;
    }
  }
  if (bad > 0)
    console.say(sentence(name, bad, bad == 1 ? " part is bad in " : " parts are bad in ",
                         files.size() == 1 ? "'" + files[0] + "'" : std::to_string(files.size()) + " files"));
  return bad == 0 && whole ? kDone : kFailed;
}

}  // namespace headrace::tool
