# SPDX-License-Identifier: MIT
test-ready-queue.srcs   := kernel/sched/test/test_ready_queue.c kernel/sched/ready_queue.c
test-ready-queue.cflags := $(KERNEL_UNIT_CFLAGS)
$(call unit_test,test-ready-queue)
