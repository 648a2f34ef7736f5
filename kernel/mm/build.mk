# SPDX-License-Identifier: MIT
KERNEL_FAKE_SRCS := kernel/test/fake/fake.c kernel/mm/page.c kernel/mm/failure.c kernel/sync/spinlock.c
KERNEL_FAKE_CFLAGS := $(KERNEL_UNIT_CFLAGS) -Ikernel/test/fake -DCONFIG_LOCK_ORDER=1

kernel-page-test.srcs   := kernel/mm/test/page_test.c $(KERNEL_FAKE_SRCS)
kernel-page-test.cflags := $(KERNEL_FAKE_CFLAGS)
$(call unit_test,kernel-page-test)

kernel-cache-test.srcs   := kernel/mm/test/cache_test.c kernel/mm/cache.c $(KERNEL_FAKE_SRCS)
kernel-cache-test.cflags := $(KERNEL_FAKE_CFLAGS)
$(call unit_test,kernel-cache-test)

kernel-tables-test.srcs   := kernel/mm/test/tables_test.c kernel/mm/tables.c kernel/mm/space.c $(KERNEL_FAKE_SRCS)
kernel-tables-test.cflags := $(KERNEL_FAKE_CFLAGS)
$(call unit_test,kernel-tables-test)
