#!/bin/sh
# SPDX-License-Identifier: MIT
# init as an ordinary Linux program, with real processes: processes.sh INIT. Prints TAP.
set -u
init=$(realpath "$1")
work=$(mktemp -d)
pid=
trap 'kill $pid 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
count=0

step() {
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		sed 's/^/# /' log
		echo "not ok $count - $name"
	fi
}

# soon COMMAND...: within 10 s it succeeds
soon() {
	for _ in $(seq 100); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

# A service that notes its start, says that it is ready, and waits for the file NAME.die.
cat > service <<'SERVICE'
#!/bin/sh
echo "$1" >> started
echo > /proc/self/fd/3
exec 3>&-
while [ ! -f "$1.die" ]; do sleep 0.05; done
rm "$1.die"
exit 3
SERVICE
chmod +x service
cat > conf <<CONF
launch required
service second
	run $work/service second
	after first
	required
service first
	run $work/service first
service crashing
	run /bin/false
	restarts 2
service absent
	run $work/absent
	restarts 1
service mute
	run /bin/sleep 100
	timeout 300
	restarts 0
CONF
: > launch
: > started
"$init" conf launch > log 2>&1 &
pid=$!

launched() { [ "$(cat launch)" = go ]; }
both() { [ "$(head -n 2 started | tr '\n' ' ')" = "first second " ]; }
restarted() { [ "$(grep -c second started)" = 2 ]; }
only_once() { [ "$(wc -c < launch)" = 2 ]; }
alive() { kill -0 $pid; }

step 'the guest is launched when the required services are ready' soon launched
step 'in the order of their needs' soon both
step 'a service that always fails is given up' soon grep -q 'crashing ended.*given up' log
step 'it was tried three times' test "$(grep -c 'crashing ended' log)" = 3
step 'a program that is not there is named' grep -q "$work/absent: No such file" log
step 'a service that never gets ready is ended' soon grep -q 'mute ended (signal 9), given up' log
touch second.die
step 'a service that ends is started again' soon restarted
step 'with what it said on its way' grep -q 'second ended (status 3), starts again' log
step 'the guest is launched once' only_once
step 'init goes on' alive
echo "1..$count"
