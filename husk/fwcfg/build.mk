# SPDX-License-Identifier: MIT
husk_fwcfg_test.srcs   := husk/fwcfg/directory.c husk/fwcfg/device.c husk/fwcfg/filter.c \
	husk/fwcfg/test/fwcfg_test.c husk/fwcfg/test/fake_device.c
husk_fwcfg_test.cflags := -Ihusk/include -Ihusk -Ihusk/fwcfg
$(call unit_test,husk_fwcfg_test)
