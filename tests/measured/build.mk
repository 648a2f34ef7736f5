# SPDX-License-Identifier: MIT
# The same measurements as on plain QEMU with a TPM of swtpm's.

measured_append := console=ttyS0 panic=-1 mitigations=off no_timer_check cryptomgr.notests audit=0 8250.nr_uarts=1 \
	quiet copra.run=evidence

$(call nightly,measured,tests/measured/run --qemu $(QEMU) --firmware $(GUEST_OVMF) --kernel $(GUEST_KERNEL) \
	--initrd $(GUEST_INITRD) --append "$(strip $(measured_append))" -- $(boot_command) --initrd $(GUEST_INITRD) \
	--run evidence --timeout 900,$(boot_deps) $(GUEST_OVMF) $(GUEST_INITRD),1500)
