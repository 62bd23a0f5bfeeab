// SPDX-License-Identifier: BSD-3-Clause
// The tools for data directories, without a topology: `weir verify DIR`, `weir tail TOPIC --data
// DIR`. A program that embeds the command line has them, too, and knows its own types.
#include "weir/actors/cli/cli.hpp"

int main(int argc, char** argv) { return weir::cli::main(argc, argv, {}); }
