#!/bin/sh
# SPDX-License-Identifier: MIT
# Other people's TPM software against the vTPM on the build host: tpm2-tools.sh TPMD-MSSIM
# Prints TAP. Each step is one or a few tpm2-tools commands; a wrong nonce must be refused.
set -u
server=$(realpath "$1")
port=$((20000 + $$ % 20000))
work=$(mktemp -d)
"$server" $port "$work/our-ek" 2>"$work/server.log" &
pid=$!
trap 'kill $pid 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export TPM2TOOLS_TCTI="mssim:port=$port"
count=0

step() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >out 2>&1; then
		echo "ok $count - $name"
	else
		sed 's/^/# /' out
		echo "not ok $count - $name"
	fi
}
refused() { ! "$@"; }
fresh() { tpm2_flushcontext -t; }
same_key() { # our endorsement key is the one that a user of the TPM makes
	fresh && tpm2_createek -c ek.ctx -G "$1" -u ek.public -f tss && tail -c +3 ek.public | cmp - "our-ek.$2"
}
seal() {
	fresh && tpm2_createprimary -C o -c p.ctx && fresh &&
		echo secret | tpm2_create -C p.ctx -i - -u s.pub -r s.priv && fresh &&
		tpm2_load -C p.ctx -u s.pub -r s.priv -c s.ctx && fresh &&
		test "$(tpm2_unseal -c s.ctx)" = secret
}
policy() { tpm2_startauthsession -S sess && tpm2_policypcr -S sess -l sha256:0 -L pol && tpm2_flushcontext sess; }
quote() { tpm2_quote -c ak.ctx -l sha256:0,4 -q abc123 -m q.msg -s q.sig -o q.pcrs -g sha256; }
check() { tpm2_checkquote -u ak.pub -m q.msg -s q.sig -f q.pcrs -g sha256 -q "$1"; }
only_sha256() { tpm2_pcrread >banks && grep -q 'sha256:$' banks && test "$(grep -c '^  *[0-9]* *:' banks)" = 24; }
clock_runs() {
	tpm2_readclock >clock1 && sleep 0.1 && tpm2_readclock >clock2 && ! cmp -s clock1 clock2
}
write_zeros() { head -c 32 /dev/zero | tpm2_nvwrite 0x1500016 -C o -i -; }

i=0
until tpm2_startup -c >out 2>&1 || [ $i = 50 ]; do
	sleep 0.1
	i=$((i + 1))
done
echo hello >msg
step "properties" tpm2_getcap properties-fixed
step "algorithms" tpm2_getcap algorithms
step "curves" tpm2_getcap ecc-curves
step "full self-test" tpm2_selftest -f
step "random" tpm2_getrandom --hex 16
step "clock runs" clock_runs
step "only the SHA-256 bank has PCRs" only_sha256
step "PCR read" tpm2_pcrread sha256:0,1,2,3
step "PCR extend" tpm2_pcrextend 4:sha256=0000000000000000000000000000000000000000000000000000000000000007
step "PCR is as computed" sh -c 'tpm2_pcrread sha256:4 |
	grep -qi 2EBE6807995C988B9D292B535A81546078D93D753A42BF8D15DDCAF2D84BE200'
step "RSA primary" tpm2_createprimary -C o -g sha256 -G rsa2048 -c prim.ctx
step "RSA child" tpm2_create -C prim.ctx -G rsa2048 -u k.pub -r k.priv
fresh
step "load" tpm2_load -C prim.ctx -u k.pub -r k.priv -c k.ctx
fresh
step "sign" tpm2_sign -c k.ctx -g sha256 -o sig msg
fresh
step "verify" tpm2_verifysignature -c k.ctx -g sha256 -s sig -m msg
step "verify refuses another message" refused tpm2_verifysignature -c k.ctx -g sha256 -s sig -m "$server"
fresh
step "EK of ECC" tpm2_createek -c 0x81010001 -G ecc -u ek.pub
step "AK of ECC" tpm2_createak -C 0x81010001 -c ak.ctx -G ecc -g sha256 -s ecdsa -u ak.pub -f pem -n ak.name
fresh
step "quote" quote
step "quote checks" check abc123
step "quote with another nonce is refused" refused check abc124
fresh
step "our RSA-2048 EK is the user's" same_key rsa 0
step "our P-256 EK is the user's" same_key ecc 1
step "our P-384 EK is the user's" same_key ecc384 2
fresh
step "P-384 primary" tpm2_createprimary -C o -g sha384 -G ecc384 -c p384.ctx
fresh
step "NV define" tpm2_nvdefine 0x1500016 -C o -s 32 -a "ownerread|ownerwrite|authread|authwrite"
step "NV write" write_zeros
step "NV read" tpm2_nvread 0x1500016 -C o -s 32
step "seal and unseal" seal
fresh
step "PCR policy" policy
step "locality 1 is refused" refused env TPM2TOOLS_TCTI="mssim:port=$port,locality=1" tpm2_getrandom 8
step "shutdown" tpm2_shutdown
grep -q 'ERROR\|runtime error' server.log && sed 's/^/# /' server.log
step "no complaint of the sanitizers" refused grep -q 'ERROR\|runtime error' server.log
echo "1..$count"
