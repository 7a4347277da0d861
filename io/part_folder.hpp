// A folder that appears whole or not at all, whatever other processes do at the same time.
#pragma once

#include <string>
#include <string_view>

namespace headrace {

/// Counts the forks between the first process and this one: what another process was writing is not ours to go on with.
int fork_generation();

/// A folder in the making beside its final place, under a name that no other process uses. It is locked, so that what
/// a killed process left is told from what a living one writes, and removed.
class PartFolder {
 public:
  /// Makes "TARGET.part-..." and removes those of dead processes.
  PartFolder(std::string_view stage, const std::string& target);
  /// Unless it was published, removes it.
  ~PartFolder();
  PartFolder(const PartFolder&) = delete;
  PartFolder& operator=(const PartFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Gives it its final name, unless another folder has it: then false. All or nothing, also for other processes.
  bool publish();
  /// Takes the place of what is there, which is removed.
  void replace();

 private:
  void remove() noexcept;
  void replace_in_two_steps();

  std::string stage_, target_, path_;
  int lock_ = -1;
  int generation_;
};

}  // namespace headrace
