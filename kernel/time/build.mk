# SPDX-License-Identifier: MIT
test-timer-heap.srcs   := kernel/time/test/test_timer_heap.c kernel/time/timer_heap.c
test-timer-heap.cflags := $(KERNEL_UNIT_CFLAGS)
$(call unit_test,test-timer-heap)
