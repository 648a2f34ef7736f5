/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

enum option_code {
	OPT_REPORT = 256,
	OPT_CERTS,
	OPT_VCEK,
	OPT_MANIFEST,
	OPT_TSM,
	OPT_ARK,
	OPT_NONCE,
	OPT_NONCE_FILE,
	OPT_DIGEST,
	OPT_IMAGE,
	OPT_VCPUS,
	OPT_VCPU_SIGNATURE,
	OPT_ANY_MEASUREMENT,
	OPT_ANY_REPORT_DATA,
	OPT_SINGLE_SERVICE,
	OPT_VMPL,
	OPT_MIN_SVN,
	OPT_MIN_TCB,
	OPT_MIN_ABI,
	OPT_ALLOW_DEBUG,
	OPT_ALLOW_MIGRATION,
	OPT_NO_SMT,
	OPT_HOST_DATA,
	OPT_FAMILY_ID,
	OPT_IMAGE_ID,
	OPT_ID_KEY_DIGEST,
	OPT_AUTHOR_KEY_DIGEST,
	OPT_CHIP_ID,
	OPT_EK,
	OPT_AK,
	OPT_QUOTE,
	OPT_QUOTE_SIGNATURE,
	OPT_QUOTE_NONCE,
	OPT_PCR_DIGEST,
	OPT_AT,
	OPT_JSON,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"report", required_argument, NULL, OPT_REPORT},
	{"certs", required_argument, NULL, OPT_CERTS},
	{"vcek", required_argument, NULL, OPT_VCEK},
	{"vlek", required_argument, NULL, OPT_VCEK},
	{"manifest", required_argument, NULL, OPT_MANIFEST},
	{"tsm", required_argument, NULL, OPT_TSM},
	{"ark", required_argument, NULL, OPT_ARK},
	{"nonce", required_argument, NULL, OPT_NONCE},
	{"nonce-file", required_argument, NULL, OPT_NONCE_FILE},
	{"digest", required_argument, NULL, OPT_DIGEST},
	{"image", required_argument, NULL, OPT_IMAGE},
	{"vcpus", required_argument, NULL, OPT_VCPUS},
	{"vcpu-signature", required_argument, NULL, OPT_VCPU_SIGNATURE},
	{"any-measurement", no_argument, NULL, OPT_ANY_MEASUREMENT},
	{"any-report-data", no_argument, NULL, OPT_ANY_REPORT_DATA},
	{"single-service", no_argument, NULL, OPT_SINGLE_SERVICE},
	{"vmpl", required_argument, NULL, OPT_VMPL},
	{"min-svn", required_argument, NULL, OPT_MIN_SVN},
	{"min-tcb", required_argument, NULL, OPT_MIN_TCB},
	{"min-abi", required_argument, NULL, OPT_MIN_ABI},
	{"allow-debug", no_argument, NULL, OPT_ALLOW_DEBUG},
	{"allow-migration", no_argument, NULL, OPT_ALLOW_MIGRATION},
	{"no-smt", no_argument, NULL, OPT_NO_SMT},
	{"host-data", required_argument, NULL, OPT_HOST_DATA},
	{"family-id", required_argument, NULL, OPT_FAMILY_ID},
	{"image-id", required_argument, NULL, OPT_IMAGE_ID},
	{"id-key-digest", required_argument, NULL, OPT_ID_KEY_DIGEST},
	{"author-key-digest", required_argument, NULL, OPT_AUTHOR_KEY_DIGEST},
	{"chip-id", required_argument, NULL, OPT_CHIP_ID},
	{"ek", required_argument, NULL, OPT_EK},
	{"ak", required_argument, NULL, OPT_AK},
	{"quote", required_argument, NULL, OPT_QUOTE},
	{"quote-signature", required_argument, NULL, OPT_QUOTE_SIGNATURE},
	{"quote-nonce", required_argument, NULL, OPT_QUOTE_NONCE},
	{"pcr-digest", required_argument, NULL, OPT_PCR_DIGEST},
	{"at", required_argument, NULL, OPT_AT},
	{"json", no_argument, NULL, OPT_JSON},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
	"usage: copra-verify --report FILE --certs FILE (--image IGVM | --digest HEX)\n"
	"                    --nonce HEX [--manifest FILE] [OPTION]...\n"
	"evidence\n"
	"  --report FILE          attestation report, raw or hex, or the PSP's whole answer\n"
	"  --certs FILE           certificate table, or a chain in PEM or DER\n"
	"  --vcek FILE, --vlek FILE   the chip's or provider's certificate, if it is apart\n"
	"  --manifest FILE        the SVSM's manifest; --single-service: that of the vTPM alone\n"
	"  --tsm FOLDER           outblob, auxblob and manifestblob of Linux's configfs-tsm\n"
	"  --ak FILE --quote FILE --quote-signature FILE   a quote by a key below the EK\n"
	"trust\n"
	"  --ark FILE             trust this root; without it, AMD's alone\n"
	"expectations\n"
	"  --image IGVM [--vcpus N] [--vcpu-signature N]   the image that was launched\n"
	"  --digest HEX           or its launch digest; --any-measurement: don't look\n"
	"  --nonce HEX, --nonce-file FILE   what was asked with; --any-report-data: don't look\n"
	"  --vmpl N (0)  --min-svn N  --min-abi M.N  --min-tcb bl=N,tee=N,snp=N,ucode=N,fmc=N\n"
	"  --allow-debug  --allow-migration  --no-smt\n"
	"  --host-data HEX  --family-id HEX  --image-id HEX  --chip-id HEX\n"
	"  --id-key-digest HEX  --author-key-digest HEX\n"
	"  --ek FILE              the TPM's EK: TPM2B_PUBLIC, TPMT_PUBLIC or PEM\n"
	"  --quote-nonce HEX  --pcr-digest HEX\n"
	"  --at SECONDS           check validity for this time (since 1970), not for now\n"
	"output\n"
	"  --json                 for programs\n"
	"Exit status: 0 good, 1 a check failed, 2 bad command line, 3 a file can't be used.\n";

static bool number(const char *text, uint64_t maximum, uint64_t *value)
{
	char *end;

	*value = strtoull(text, &end, 0);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && *value <= maximum;
}

static bool number_u32(const char *text, uint32_t *out)
{
	uint64_t value;

	if (!number(text, UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

static bool parse_tcb(char *text, struct attest_tcb *tcb)
{
	static char *const names[] = {"bl", "tee", "snp", "ucode", "fmc", NULL};
	uint8_t *const values[] = {&tcb->bootloader, &tcb->tee, &tcb->snp, &tcb->microcode,
				   &tcb->fmc};
	char *value;

	while (*text != '\0') {
		int which = getsubopt(&text, names, &value);
		uint64_t level;

		if (which < 0 || value == NULL || !number(value, 255, &level))
			return false;
		*values[which] = (uint8_t)level;
	}
	return true;
}

static bool parse_abi(const char *text, struct attest_expectation *expectation)
{
	unsigned int major, minor;
	int end = 0;

	if (sscanf(text, "%u.%u%n", &major, &minor, &end) != 2 || text[end] != '\0' ||
	    major > 255 || minor > 255)
		return false;
	expectation->min_abi_major = (uint8_t)major;
	expectation->min_abi_minor = (uint8_t)minor;
	return true;
}

static bool hex_of_size(struct verification *verification, const char *text, size_t size,
			struct bytes *bytes)
{
	if (!input_hex(verification, text, bytes))
		return false;
	if (bytes->size == size)
		return true;
	complain("'%s': %zu bytes are wanted", text, size);
	return false;
}

static bool parse_digest(struct verification *verification, const char *text)
{
	struct attest_expectation *expectation = &verification->expectation;
	struct bytes digest;

	if (!hex_of_size(verification, text, sizeof(expectation->measurement), &digest))
		return false;
	memcpy(expectation->measurement, digest.data, digest.size);
	expectation->have_measurement = true;
	return true;
}

static bool read_tsm(struct verification *verification, const char *folder)
{
	struct attest_evidence *evidence = &verification->evidence;
	char path[4096];
	FILE *probe;

	snprintf(path, sizeof(path), "%s/outblob", folder);
	if (!input_file(verification, path, false, &evidence->report))
		return false;
	snprintf(path, sizeof(path), "%s/auxblob", folder);
	if (!input_file(verification, path, false, &evidence->certs))
		return false;
	snprintf(path, sizeof(path), "%s/manifestblob", folder);
	probe = fopen(path, "rb");
	if (probe == NULL)
		return true; /* a report without a service */
	fclose(probe);
	return input_file(verification, path, false, &evidence->manifest);
}

/* Options that name a file of evidence or trust. */
static bool apply_file(struct verification *v, int option, const char *value)
{
	switch (option) {
	case OPT_REPORT:
		return input_file(v, value, true, &v->evidence.report);
	case OPT_CERTS:
		return input_file(v, value, true, &v->evidence.certs);
	case OPT_VCEK:
		return input_file(v, value, true, &v->evidence.leaf);
	case OPT_MANIFEST:
		return input_file(v, value, true, &v->evidence.manifest);
	case OPT_TSM:
		return read_tsm(v, value);
	case OPT_ARK:
		return input_file(v, value, false, &v->expectation.trusted_ark);
	case OPT_EK:
		return input_file(v, value, false, &v->expectation.ek);
	case OPT_AK:
		return input_file(v, value, false, &v->evidence.ak);
	case OPT_QUOTE:
		return input_file(v, value, false, &v->evidence.quote);
	case OPT_QUOTE_SIGNATURE:
		return input_file(v, value, false, &v->evidence.quote_signature);
	case OPT_NONCE_FILE:
		v->expectation.have_nonce = true;
		return input_file(v, value, false, &v->expectation.nonce);
	default:
		return false;
	}
}

/* Options with hex digits behind them. */
static bool apply_hex(struct verification *v, int option, const char *value)
{
	struct attest_expectation *e = &v->expectation;

	switch (option) {
	case OPT_NONCE:
		e->have_nonce = true;
		return input_hex(v, value, &e->nonce);
	case OPT_DIGEST:
		return parse_digest(v, value);
	case OPT_HOST_DATA:
		return hex_of_size(v, value, 32, &e->host_data);
	case OPT_FAMILY_ID:
		return hex_of_size(v, value, 16, &e->family_id);
	case OPT_IMAGE_ID:
		return hex_of_size(v, value, 16, &e->image_id);
	case OPT_ID_KEY_DIGEST:
		return hex_of_size(v, value, 48, &e->id_key_digest);
	case OPT_AUTHOR_KEY_DIGEST:
		return hex_of_size(v, value, 48, &e->author_key_digest);
	case OPT_CHIP_ID:
		return hex_of_size(v, value, 64, &e->chip_id);
	case OPT_QUOTE_NONCE:
		return input_hex(v, value, &e->quote_nonce);
	case OPT_PCR_DIGEST:
		return input_hex(v, value, &e->pcr_digest);
	default:
		return apply_file(v, option, value);
	}
}

static bool apply_value(struct verification *v, int option, char *value)
{
	struct attest_expectation *e = &v->expectation;
	uint64_t at;

	switch (option) {
	case OPT_IMAGE:
		v->image = value;
		return true;
	case OPT_VCPUS:
		return number_u32(value, &v->vcpus) && v->vcpus >= 1 && v->vcpus <= 512;
	case OPT_VCPU_SIGNATURE:
		return number_u32(value, &v->vcpu_signature);
	case OPT_VMPL:
		return number_u32(value, &e->vmpl);
	case OPT_MIN_SVN:
		return number_u32(value, &e->min_guest_svn);
	case OPT_MIN_TCB:
		return parse_tcb(value, &e->min_tcb);
	case OPT_MIN_ABI:
		return parse_abi(value, e);
	case OPT_AT:
		if (!number(value, INT64_MAX, &at))
			return false;
		e->at = (time_t)at;
		return true;
	default:
		return apply_hex(v, option, value);
	}
}

/* Options without a value. False: not one of them. */
static bool apply_flag(struct verification *v, int option)
{
	switch (option) {
	case OPT_ANY_MEASUREMENT:
		v->any_measurement = true;
		return true;
	case OPT_ANY_REPORT_DATA:
		v->any_report_data = true;
		return true;
	case OPT_SINGLE_SERVICE:
		v->expectation.single_service = true;
		return true;
	case OPT_ALLOW_DEBUG:
		v->expectation.allow_debug = true;
		return true;
	case OPT_ALLOW_MIGRATION:
		v->expectation.allow_migration = true;
		return true;
	case OPT_NO_SMT:
		v->expectation.require_no_smt = true;
		return true;
	case OPT_JSON:
		v->json = true;
		return true;
	default:
		return false;
	}
}

/* Leaving out an expectation must be said: a verdict that looks at nothing is no verdict. */
static enum verify_status check_complete(const struct verification *v)
{
	const char *missing = NULL;

	if (v->evidence.report.size == 0)
		missing = "--report or --tsm";
	else if (v->evidence.certs.size == 0 && v->evidence.leaf.size == 0)
		missing = "--certs";
	else if (v->image == NULL && !v->expectation.have_measurement && !v->any_measurement)
		missing = "--image, --digest or --any-measurement";
	else if (!v->expectation.have_nonce && !v->any_report_data)
		missing = "--nonce, --nonce-file or --any-report-data";
	else if (v->image != NULL && v->expectation.have_measurement)
		missing = "only one of --image and --digest";
	else if ((v->evidence.quote.size != 0) != (v->evidence.ak.size != 0) ||
		 (v->evidence.quote.size != 0) != (v->evidence.quote_signature.size != 0))
		missing = "all three of --ak, --quote and --quote-signature";
	if (missing == NULL)
		return VERIFY_GOOD;
	complain("%s is needed; --help lists all options", missing);
	return VERIFY_USAGE;
}

enum verify_status options_read(struct verification *verification, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == '?')
			return VERIFY_USAGE;
		if (option == OPT_HELP) {
			fputs(usage, stdout);
			exit(VERIFY_GOOD);
		}
		if (apply_flag(verification, option))
			continue;
		if (optarg == NULL || !apply_value(verification, option, optarg)) {
			complain("bad value '%s'", optarg != NULL ? optarg : "");
			return VERIFY_INPUT;
		}
	}
	if (optind != argc) {
		complain("what is '%s'? --help lists all options", argv[optind]);
		return VERIFY_USAGE;
	}
	return check_complete(verification);
}
