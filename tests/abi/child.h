/* SPDX-License-Identifier: MIT */
/* What the test program does when a test has started it as a process of its own. */
#ifndef ABI_CHILD_H
#define ABI_CHILD_H

#define CHILD_READY_FD 9

int child_main(int argc, char **argv, char **envp);

#endif
