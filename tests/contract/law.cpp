#include "law.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <headrace/pipeline/ends.hpp>
#include <headrace/pipeline/held_dataset.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/slices.hpp>

namespace headrace::contract {

namespace {

struct Boom : std::runtime_error {
  Boom() : std::runtime_error("boom") {}
};

std::string show(const Tensor& tensor) {
  std::string text = tensor.dtype().name() + "(";
  for (int axis = 0; axis < tensor.ndim(); ++axis) text += (axis ? "," : "") + std::to_string(tensor.shape()[axis]);
  text += ")[";
  if (tensor.dtype() == headrace::text && tensor.ndim() == 0) return text + std::string(tensor.text()) + "]";
  const Tensor packed = tensor.copy();
  for (std::int64_t i = 0; i < packed.size(); ++i) {
    if (i) text += " ";
    if (packed.dtype() == int64)
      text += std::to_string(packed.values<std::int64_t>()[static_cast<std::size_t>(i)]);
    else if (packed.dtype() == uint8)
      text += std::to_string(packed.values<std::uint8_t>()[static_cast<std::size_t>(i)]);
    else
      text += std::to_string(packed.values<double>()[static_cast<std::size_t>(i)]);
  }
  return text + "]";
}

std::vector<std::string> drain(const Dataset& dataset, std::int64_t epoch = 0);

std::string show(const Structure& structure, const Element& element, std::size_t& leaf) {
  if (structure.kind() == Structure::Kind::leaf) return show(element.components[leaf++]);
  if (structure.kind() == Structure::Kind::none) return "None";
  if (const auto dataset = dataset_in(structure)) {
    std::string rows = "<";
    for (const std::string& row : drain(*dataset)) rows += row + ";";
    return rows + ">";
  }
  std::string text = "(";
  for (std::size_t i = 0; i < structure.children().size(); ++i) {
    text += i ? ", " : "";
    if (!structure.keys().empty()) text += "'" + structure.keys()[i] + "': ";
    text += show(*structure.children()[i], element, leaf);
  }
  return text + ")";
}

/// The next element as text, "!" for an error, "" at the end.
std::string next_text(Iterator& iterator) {
  try {
    const auto element = iterator.next();
    return element ? contract::show(*element) : "";
  } catch (const Boom&) {
    EXPECT_FALSE(iterator.last_notes().empty());
    return "!";
  }
}

std::vector<std::string> drain(Iterator& iterator) {
  std::vector<std::string> all;
  for (std::string text = next_text(iterator); !text.empty(); text = next_text(iterator)) all.push_back(text);
  EXPECT_EQ(next_text(iterator), "") << "the end came once and then not again";
  return all;
}

std::vector<std::string> drain(const Dataset& dataset, std::int64_t epoch) {
  Iterator iterator = dataset.iterate(epoch);
  return drain(iterator);
}

/// Numbers 0..n-1 whose elements in `failing` are errors.
Dataset numbers(std::int64_t n, const std::vector<std::int64_t>& failing) {
  const Dataset all = range(n);
  if (failing.empty()) return all;
  return all | map([failing](const Tensor& tensor) {
           if (std::count(failing.begin(), failing.end(), tensor.item<std::int64_t>())) throw Boom();
           return tensor;
         });
}

struct Form {
  const char* name;
  Dataset (*of)(const Dataset&);
};

const Form kForms[] = {
    {"random access", [](const Dataset& dataset) { return dataset; }},
    {"pieces", [](const Dataset& dataset) { return dataset | filter([](const Tensor&) { return true; }); }},
    {"stream",
     [](const Dataset& dataset) {
       return dataset | filter([](const Tensor&) { return true; }) | Enumerate{} |
              map([](const Element& element) { return element.components[1]; });
     }},
    {"read ahead",
     [](const Dataset& dataset) {
       return dataset | filter([](const Tensor&) { return true; }) | Enumerate{} | Prefetch{3} |
              map([](const Element& element) { return element.components[1]; });
     }},
};

void check_values(const Case& tested, const Dataset& dataset, std::vector<std::string> expected,
                  std::vector<std::string> got) {
  if (tested.any_order) {
    std::sort(expected.begin(), expected.end());
    std::sort(got.begin(), got.end());
  }
  EXPECT_EQ(got, expected);
  const std::int64_t n = dataset.cardinality();
  EXPECT_EQ(n, n >= 0 ? static_cast<std::int64_t>(expected.size()) : kUnknown);
}

void check_specs(const Dataset& dataset) {
  const auto spec = dataset.node().spec();
  if (!spec) return;
  Iterator iterator = dataset.iterate(0);
  for (;;) {
    try {
      const auto element = iterator.next();
      if (!element) return;
      const auto both = common(*spec, spec_of(*element));
      ASSERT_TRUE(both.has_value()) << spec->to_string() << " against " << spec_of(*element).to_string();
      EXPECT_TRUE(same(*both, *spec)) << spec->to_string() << " against " << spec_of(*element).to_string();
    } catch (const Boom&) {
    }
  }
}

void check_random_access(const Case& tested, const Dataset& dataset, const std::vector<std::string>& got) {
  if (!dataset.random_access()) return;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i);
    if (got[i] == "!") {
      EXPECT_THROW(dataset[position], Boom) << tested.name;
    } else {
      EXPECT_EQ(contract::show(dataset[position]), got[i]);
      EXPECT_EQ(contract::show(dataset[position - static_cast<std::int64_t>(got.size())]), got[i]);
      EXPECT_EQ(contract::show((Dataset(dataset) | Skip{position})[0]), got[i]);
    }
  }
  EXPECT_THROW(dataset[static_cast<std::int64_t>(got.size())], IndexError);
  const bool clean = std::find(got.begin(), got.end(), "!") == got.end();
  if (got.size() < 2 || !clean) return;
  const bool sparse = compound_in(*dataset[0].structure);  // joined, SparseTensors have the largest sizes of all
  const auto picked = sparse ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{1, 0, 1};
  try {
    const Element rows = dataset.gather(picked);
    EXPECT_EQ(contract::show(SlicedElement("gather", rows).row(sparse ? 0 : 2)), got[1]);
  } catch (const ValueError&) {  // unequal shapes cannot be stacked
  }
}

/// Resume at every step: exactly the rest, also twice, and the state's bytes do not depend on threads.
void check_resume(const Dataset& dataset, const std::vector<std::string>& got) {
  Iterator whole = dataset.iterate(0);
  Iterator single = (dataset | WithOptions{.threads = 1}).iterate(0);
  for (std::size_t step = 0; step <= got.size(); ++step) {
    const std::string state = whole.state();
    EXPECT_EQ(single.state(), state) << "step " << step;
    Iterator resumed = dataset.iterate(7);
    resumed.load_state(state);
    const std::vector<std::string> rest(got.begin() + static_cast<std::ptrdiff_t>(step), got.end());
    if (!rest.empty()) {
      EXPECT_EQ(next_text(resumed), rest.front()) << "step " << step << " " << state;
      Iterator again = (dataset | WithOptions{.threads = 3}).iterate(0);
      again.load_state(resumed.state());
      EXPECT_EQ(drain(again), std::vector<std::string>(rest.begin() + 1, rest.end()))
          << "twice resumed at step " << step;
    }
    resumed.load_state(state);
    EXPECT_EQ(drain(resumed), rest) << "step " << step << " " << state;
    if (step < got.size()) {
      EXPECT_EQ(next_text(whole), got[step]);
      EXPECT_EQ(next_text(single), got[step]);
    }
  }
}

void check_accounts(const Dataset& dataset, const std::vector<std::string>& got) {
  Iterator iterator = dataset.iterate(0);
  for (std::size_t step = 0; step <= got.size(); ++step) {
    for (const auto& [label, text, depth, account, causes, counts] : iterator.stats()) {
      EXPECT_GE(account.held(), 0) << text << " at step " << step << ": in " << account.in << " used " << account.used
                                   << " filtered " << account.filtered << " dropped " << account.dropped << " failed "
                                   << account.failed;
      EXPECT_GE(account.used, 0) << text;
      EXPECT_GE(account.outputs, 0) << text;
    }
    const auto good = std::count_if(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(step),
                                    [](const std::string& text) { return text != "!"; });
    EXPECT_EQ(iterator.stats().front().account.outputs, good) << "step " << step;
    next_text(iterator);
  }
  for (const auto& stage : iterator.stats())
    EXPECT_EQ(stage.account.held(), 0) << stage.text << " holds something at the end";
}

void check_once(const Case& tested, const Form& form, std::int64_t n, const std::vector<std::int64_t>& failing) {
  SCOPED_TRACE(tested.name + ", " + form.name + ", n=" + std::to_string(n) + ", " + std::to_string(failing.size()) +
               " failing");
  Input input;
  for (std::int64_t i = 0; i < n; ++i)
    input.push_back(std::count(failing.begin(), failing.end(), i) ? std::nullopt : std::optional(i));
  const Dataset dataset = tested.attach(form.of(numbers(n, failing)));
  const auto got = drain(dataset);
  check_values(tested, dataset, tested.model(input), got);
  EXPECT_EQ(drain(dataset), got) << "the same epoch again";
  const auto next_epoch = drain(dataset, 1);
  EXPECT_TRUE(tested.varies || next_epoch.size() == got.size()) << "another epoch gave " << next_epoch.size();
  for (const std::int64_t threads : {1, 2, 8})
    EXPECT_EQ(drain(dataset | WithOptions{.threads = threads}), got) << threads << " threads";
  check_specs(dataset);
  check_random_access(tested, dataset, got);
  check_resume(dataset, got);
  check_accounts(dataset, got);
  for (std::size_t step = 0; step < got.size(); ++step) {  // dropped half-way
    Iterator iterator = (dataset | WithOptions{.threads = 2}).iterate(0);
    for (std::size_t i = 0; i < step; ++i) next_text(iterator);
  }
}

}  // namespace

std::string show(const Element& element) {
  std::size_t leaf = 0;
  return show(*element.structure, element, leaf);
}

std::string show_batch(const Input& input, std::size_t begin, std::size_t end) {
  std::string text = "int64(" + std::to_string(end - begin) + ")[";
  for (std::size_t i = begin; i < end; ++i) {
    if (!input[i]) return "!";
    text += (i > begin ? " " : "") + std::to_string(*input[i]);
  }
  return text + "]";
}

void check(const Case& tested) {
  Case ahead = tested;  // what a stage saves must also be told from what is read ahead of it
  ahead.name += ".filter().prefetch(3)";
  ahead.attach = [&](const Dataset& upstream) {
    return tested.attach(upstream) | filter([](const Element&) { return true; }) | Prefetch{3};
  };
  if (tested.attach(range(3)).cardinality() != kInfinite) check_once(ahead, kForms[2], 23, {});
  for (const Form& form : kForms) {
    for (const std::int64_t n : {0, 1, 7, 40}) check_once(tested, form, n, {});
    if (!tested.takes_errors) continue;
    check_once(tested, form, 10, {0, 4});
    check_once(tested, form, 9, {8});
  }
}

}  // namespace headrace::contract
