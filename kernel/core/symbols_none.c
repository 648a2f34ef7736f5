/* SPDX-License-Identifier: MIT */
/* The empty symbol table of the first link; the second has the real one (kernel/tools/symbols.py).
 */
#include "kernel/symbols.h"

__attribute__((weak)) const struct symbol symbol_table[1] = {{0, 0}};
__attribute__((weak)) const uint32_t symbol_count = 0;
__attribute__((weak)) const char symbol_names[1] = "";
