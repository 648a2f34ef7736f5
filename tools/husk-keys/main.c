/* SPDX-License-Identifier: MIT */
/* husk-keys: the certificate chain of one emulated machine, ARK -> ASK -> VCEK. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "keys.h"

static const struct option long_options[] = {
	{"product", required_argument, NULL, 'p'},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
	"usage: husk-keys [--product NAME] FOLDER\n"
	"Makes FOLDER/{ark,ask,vcek}.{pem,der}, vcek.bin (Husk's opt/husk/vcek) and\n"
	"certs.bin (opt/husk/certs). Nothing that AMD signs; for Husk only.\n";

int main(int argc, char **argv)
{
	const char *product = "Husk-Milan";
	struct chain chain = {0};
	int option;
	bool ok;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option != 'p') {
			fputs(usage, stderr);
			return 2;
		}
		product = optarg;
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (mkdir(argv[optind], 0700) != 0 && errno != EEXIST) {
		fprintf(stderr, "husk-keys: %s: %s\n", argv[optind], strerror(errno));
		return 4;
	}
	ok = chain_make(&chain, product) && chain_write(&chain, argv[optind]);
	if (!ok)
		fprintf(stderr, "husk-keys: %s: making or writing the chain failed\n",
			argv[optind]);
	chain_free(&chain);
	return ok ? 0 : 4;
}
