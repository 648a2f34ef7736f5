# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For scripts that check things one after the other and print TAP; to be sourced.

count=0
held=0

# step TITLE COMMAND...: run it, show what it printed, say whether it held
step() {
	title=$1
	shift
	count=$((count + 1))
	if "$@" > step.log 2>&1; then
		result=ok
		held=$((held + 1))
	else
		result='not ok'
	fi
	awk '{ print "    " $0 }' step.log # ends each line, which not every tool does
	echo "$result $count - $title"
}

# A context that a step leaves behind would fill the TPM's few slots.
flush() {
	tpm2 flushcontext -t
}
