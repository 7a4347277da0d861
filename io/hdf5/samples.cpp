#include <headrace/io/hdf5/samples.hpp>

#include <algorithm>

#include <headrace/io/hdf5/column.hpp>
#include <headrace/io/hdf5/whole_array.hpp>
#include <headrace/io/list_files.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace::hdf5 {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits that `text` begins with, without leading zeros; they are taken off.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

/// Chunks of an array, or blocks of what has none.
std::int64_t parts_of(const ArrayInfo& info) {
  const BlockPlan plan(info);
  return std::max<std::int64_t>(plan.blocks * std::max<std::int64_t>(plan.chunks, 1), 1);
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view left = take_number(a), right = take_number(b);
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
    } else {
      if (a.front() != b.front()) return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front());
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

Samples::Samples(std::shared_ptr<const FileSet> files, const std::string& pattern)
    : files_(std::move(files)), pattern_(pattern.starts_with('/') ? pattern : "/" + pattern) {
  const std::size_t slash = pattern_.rfind('/');
  const std::string above = pattern_.substr(0, slash), last = pattern_.substr(slash + 1);
  require(is_pattern(last) && !is_pattern(above), files_->stage(),
          "groups must be a name with * ? [...] in its last part alone, got '", pattern, "'; '/samples/*' are all of '",
          "/samples'");
  for (std::size_t file = 0; file < files_->paths().size(); ++file) {
    groups_.push_back(files_->file(file)->groups(files_->stage(), above, last));
    std::sort(groups_.back().begin(), groups_.back().end(), natural_less);
    starts_.push_back(starts_.back() + static_cast<std::int64_t>(groups_.back().size()));
  }
  require<IoError>(starts_.back() > 0, files_->stage(), "no group matches '", pattern_, "' in '",
                   files_->paths().front(), "'", files_->paths().size() > 1 ? " or the other files" : "");
}

Samples::Sample Samples::operator[](std::int64_t position) const {
  const std::size_t file = part_at(starts_, position);
  return {file, groups_[file][static_cast<std::size_t>(position - starts_[file])]};
}

std::shared_ptr<const Array> Samples::array(std::int64_t position, const std::string& name) const {
  const Sample sample = (*this)[position];
  return files_->file(sample.file)->array(files_->stage(), sample.group + "/" + name);
}

std::vector<TensorSpec> Samples::specs(std::span<const std::string> names) const {
  std::vector<TensorSpec> specs;
  std::vector<std::string> firsts;
  for (std::size_t file = 0; file < groups_.size(); ++file) {
    const auto opened = files_->file(file);
    for (const std::string& group : groups_[file]) {
      const std::vector<Member> members = opened->look_up(files_->stage(), group, names);
      for (std::size_t i = 0; i < members.size(); ++i) {
        const Member& member = members[i];
        const auto where = [&] { return "'" + member.name + "' in '" + opened->path() + "'"; };
        require<TypeError>(static_cast<bool>(member.dtype), files_->stage(), where(),
                           " has no dtype: ", member.group ? "it is a group" : "it holds " + member.why);
        require<TypeError>(!member.sequences, files_->stage(), where(),
                           " holds sequences of variable length, which are rows only, not part of a group's element");
        const TensorSpec spec{member.dtype, member.shape};
        if (specs.size() == i) {
          specs.push_back(spec);
          firsts.push_back(where());
          continue;
        }
        TensorSpec& known = specs[i];
        require(spec.dtype == known.dtype && spec.shape.size() == known.shape.size(), files_->stage(),
                "a dataset must be of one dtype and rank in all groups, ", known.to_string(), " of ", firsts[i],
                ", got ", spec.to_string(), " of ", where());
        for (int axis = 0; axis < known.shape.size(); ++axis)
          if (spec.shape[axis] != known.shape[axis]) known.shape[axis] = -1;
      }
    }
  }
  return specs;
}

SampleComponent::SampleComponent(std::shared_ptr<const Samples> samples, std::string name, TensorSpec row, bool mmap)
    : Component(samples->pattern() + "/" + name), samples_(std::move(samples)), dataset_(std::move(name)), mmap_(mmap) {
  row_ = std::move(row);
  starts_ = samples_->starts();
  path_ = "each as a whole, " + how_read(samples_->array(0, dataset_)->info(), mmap_);
}

std::string SampleComponent::where(std::int64_t position) const {
  const Samples::Sample sample = (*samples_)[position];
  return "'" + sample.group + "/" + dataset_ + "' in '" + samples_->files().paths()[sample.file] + "'";
}

std::shared_ptr<const Array> SampleComponent::array(const Reading& reading, std::int64_t position) const {
  auto opened = samples_->array(position, dataset_);
  const ArrayInfo& info = opened->info();
  const std::int64_t bytes = element_count(info.shape) * info.dtype.itemsize();
  if (bytes > reading.context.run.memory_limit())
    throw MemoryLimitError(sentence(samples_->files().stage(), "a sample must fit in memory_limit, ",
                                    reading.context.run.memory_limit(), " bytes, got ", bytes, " of ", where(position),
                                    "; raise it with with_options"));
  reading.context.run.ledger().note(reading.node, "decoded", parts_of(info));
  return opened;
}

void SampleComponent::gather_into(const Reading& reading, const Positions& positions, const Tensor& column,
                                  const Positions& to) const {
  for (std::int64_t i = 0; i < positions.count; ++i)
    read_all_into(samples_->files().stage(), *array(reading, positions[i]), column.row(to[i]));
}

std::vector<Tensor> SampleComponent::list(const Reading& reading, const Positions& positions) const {
  const std::string& stage = samples_->files().stage();
  std::vector<Tensor> rows;
  rows.reserve(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i) {
    const auto opened = array(reading, positions[i]);
    rows.push_back(mmap_ && lies_as_it_is(opened->info()) ? map_array(stage, *opened) : read_all(stage, *opened));
  }
  return rows;
}

}  // namespace headrace::hdf5
