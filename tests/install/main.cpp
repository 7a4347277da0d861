#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/range.hpp>
#include <iostream>

int main() {
  int batches = 0;
  for (const auto& batch : headrace::range(10) | headrace::Batch{.batch_size = 4}) batches += batch.size() > 0;
  std::cout << "consumer: " << batches << " batches\n";
  return batches == 3 ? 0 : 1;
}
