#include <headrace/io/tool/program.hpp>

int main(int count, char** words) {
  return headrace::tool::run_program({words + (count > 0), words + count}, stdout, stderr);
}
