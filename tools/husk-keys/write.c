/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/pem.h>

#include "base/types.h"
#include "keys.h"
#include "sevabi/certs.h"

static FILE *open_in(const char *folder, const char *name, const char *suffix)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix) >= (int)sizeof(path))
		return NULL;
	return fopen(path, "wb");
}

static bool write_certificate(X509 *certificate, const char *folder, const char *name)
{
	FILE *pem = open_in(folder, name, ".pem");
	FILE *der = open_in(folder, name, ".der");
	bool ok = pem != NULL && der != NULL && PEM_write_X509(pem, certificate) == 1 &&
		  i2d_X509_fp(der, certificate) == 1;

	if (pem != NULL)
		ok = fclose(pem) == 0 && ok;
	if (der != NULL)
		ok = fclose(der) == 0 && ok;
	return ok;
}

static bool write_bytes(const char *folder, const char *name, const void *bytes, size_t size)
{
	FILE *stream = open_in(folder, name, "");
	bool ok = stream != NULL && fwrite(bytes, 1, size, stream) == size;

	if (stream != NULL)
		ok = fclose(stream) == 0 && ok;
	return ok;
}

/* The table of the extended guest request: entries, an empty one, the certificates. */
static bool write_table(const struct chain *chain, const char *folder)
{
	static const struct guid guids[] = {CERT_GUID_ARK, CERT_GUID_ASK, CERT_GUID_VCEK};
	X509 *const certificates[] = {chain->ark, chain->ask, chain->vcek};
	struct cert_table_entry entries[ARRAY_SIZE(guids) + 1] = {0};
	uint8_t table[CERT_TABLE_MAX_SIZE];
	size_t end = sizeof(entries);

	for (size_t i = 0; i < ARRAY_SIZE(guids); i++) {
		int length = i2d_X509(certificates[i], NULL);
		unsigned char *at = table + end;

		if (length <= 0 || (size_t)length > sizeof(table) - end ||
		    i2d_X509(certificates[i], &at) != length)
			return false;
		entries[i] = (struct cert_table_entry){
			.guid = guids[i],
			.offset = (uint32_t)end,
			.length = (uint32_t)length,
		};
		end += (size_t)length;
	}
	memcpy(table, entries, sizeof(entries));
	return write_bytes(folder, "certs.bin", table, end);
}

bool chain_write(const struct chain *chain, const char *folder)
{
	return write_certificate(chain->ark, folder, "ark") &&
	       write_certificate(chain->ask, folder, "ask") &&
	       write_certificate(chain->vcek, folder, "vcek") &&
	       write_bytes(folder, "vcek.bin", &chain->identity, sizeof(chain->identity)) &&
	       write_table(chain, folder);
}
