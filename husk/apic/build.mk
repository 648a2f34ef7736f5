# SPDX-License-Identifier: MIT
husk_apic_test.srcs   := $(wildcard husk/apic/*.c) husk/apic/test/apic_test.c
husk_apic_test.cflags := -Ihusk/include -Ihusk/apic
$(call unit_test,husk_apic_test)
