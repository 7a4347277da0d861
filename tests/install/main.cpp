#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/range.hpp>
#include <iostream>

int main() {
  int batches = 0;
  headrace::Dataset dataset = headrace::range(10) | headrace::Batch{.batch_size = 4};
  for (const headrace::Element& batch : dataset.iterate()) batches += batch.tensor().shape().size() == 1;
  std::cout << "consumer: " << batches << " batches\n";
  return batches == 3 ? 0 : 1;
}
