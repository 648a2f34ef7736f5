/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/types.h"
#include "bootabi/bootabi.h"
#include "recipe.h"
#include "sevabi/report.h"
#include "sevabi/vmsa.h"

struct name_value {
	const char *name;
	uint64_t value;
};

static const struct name_value feature_names[] = {
	{"snp", SEV_FEATURE_SNP},
	{"vtom", SEV_FEATURE_VTOM},
	{"reflect-vc", SEV_FEATURE_REFLECT_VC},
	{"restricted-injection", SEV_FEATURE_RESTRICTED_INJECTION},
	{"alternate-injection", SEV_FEATURE_ALTERNATE_INJECTION},
	{"debug-swap", SEV_FEATURE_DEBUG_SWAP},
	{"prevent-host-ibs", SEV_FEATURE_PREVENT_HOST_IBS},
	{"btb-isolation", SEV_FEATURE_BTB_ISOLATION},
	{"vmpl-sss", SEV_FEATURE_VMPL_SSS},
	{"secure-tsc", SEV_FEATURE_SECURE_TSC},
	{"vmgexit-parameter", SEV_FEATURE_VMGEXIT_PARAMETER},
	{"vmsa-register-protection", SEV_FEATURE_VMSA_REG_PROTECTION},
	{"smt-protection", SEV_FEATURE_SMT_PROTECTION},
	{"secure-avic", SEV_FEATURE_SECURE_AVIC},
	{"ibpb-on-entry", SEV_FEATURE_IBPB_ON_ENTRY},
};

/* As kernel/log.h numbers them. */
static const struct name_value log_levels[] = {
	{"error", 0},
	{"warning", 1},
	{"info", 2},
	{"debug", 3},
};

void recipe_defaults(struct recipe *recipe)
{
	*recipe = (struct recipe){
		.snp = true,
		.native = true,
		.region_base = 0x08000000,
		.region_size = MIB(32),
		.policy = SNP_POLICY_SMT | SNP_POLICY_RESERVED_ONE,
		.sev_features =
			SEV_FEATURE_SNP | SEV_FEATURE_RESTRICTED_INJECTION | SEV_FEATURE_DEBUG_SWAP,
		.guest_sev_features = SEV_FEATURE_SNP | SEV_FEATURE_DEBUG_SWAP,
		.vmsa_count = 1,
		.log_level = 2,
		.flags = BOOT_FLAG_CONSOLE,
		.console_port = 0x3f8,
		.guest_vmpl = 2,
	};
}

static bool find_name(const struct name_value *names, size_t count, const char *name,
		      uint64_t *value)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i].name, name) == 0) {
			*value = names[i].value;
			return true;
		}
	}
	return false;
}

/* Splits at blanks; "" at the end. */
static char *next_word(char **text)
{
	char *word;

	*text += strspn(*text, " \t\r");
	word = *text;
	*text += strcspn(*text, " \t\r");
	if (**text != '\0')
		*(*text)++ = '\0';
	return word;
}

static bool set_bool(const char *value, bool *out)
{
	*out = strcmp(value, "yes") == 0;
	return *out || strcmp(value, "no") == 0;
}

static bool set_number(const char *value, uint64_t minimum, uint64_t maximum, uint64_t *out)
{
	return parse_number(value, out) && *out >= minimum && *out <= maximum;
}

static bool set_flag(const char *value, uint32_t flag, uint32_t *flags)
{
	bool on;

	if (!set_bool(value, &on))
		return false;
	*flags = on ? *flags | flag : *flags & ~flag;
	return true;
}

static bool set_features(char *value, uint64_t *features)
{
	*features = 0;
	for (char *word = next_word(&value); *word != '\0'; word = next_word(&value)) {
		uint64_t bits;

		if (!find_name(feature_names, ARRAY_SIZE(feature_names), word, &bits) &&
		    !parse_number(word, &bits))
			return false;
		*features |= bits;
	}
	return (*features & SEV_FEATURE_SNP) != 0;
}

static bool set_platforms(char *value, struct recipe *recipe)
{
	recipe->snp = false;
	recipe->native = false;
	for (char *word = next_word(&value); *word != '\0'; word = next_word(&value)) {
		if (strcmp(word, "snp") == 0)
			recipe->snp = true;
		else if (strcmp(word, "native") == 0)
			recipe->native = true;
		else
			return false;
	}
	return recipe->snp || recipe->native;
}

static bool set_region(char *value, struct recipe *recipe)
{
	const char *base = next_word(&value);
	const char *size = next_word(&value);

	return set_number(base, 0, GIB(4), &recipe->region_base) &&
	       set_number(size, PAGE_2M_SIZE, GIB(1), &recipe->region_size) &&
	       *next_word(&value) == '\0';
}

static bool set_console(const char *value, struct recipe *recipe)
{
	uint64_t port;

	if (strcmp(value, "off") == 0) {
		recipe->flags &= ~(uint32_t)BOOT_FLAG_CONSOLE;
		return true;
	}
	if (!set_number(value, 1, 0xffff, &port))
		return false;
	recipe->flags |= BOOT_FLAG_CONSOLE;
	recipe->console_port = (uint16_t)port;
	return true;
}

static bool set_log_level(const char *value, struct recipe *recipe)
{
	uint64_t level;

	if (!find_name(log_levels, ARRAY_SIZE(log_levels), value, &level) &&
	    !set_number(value, 0, 7, &level))
		return false;
	recipe->log_level = (uint32_t)level;
	return true;
}

static bool set_vmsa_count(const char *value, struct recipe *recipe)
{
	uint64_t count;

	if (!set_number(value, 1, 512, &count))
		return false;
	recipe->vmsa_count = (uint32_t)count;
	return true;
}

static bool set_guest_vmpl(const char *value, struct recipe *recipe)
{
	uint64_t vmpl;

	if (!set_number(value, 1, 3, &vmpl))
		return false;
	recipe->guest_vmpl = (uint8_t)vmpl;
	return true;
}

/* True: key and value are fine. *known tells whether the key was. */
static bool apply(struct recipe *recipe, const char *key, char *value, bool *known)
{
	*known = true;
	if (strcmp(key, "platforms") == 0)
		return set_platforms(value, recipe);
	if (strcmp(key, "region") == 0)
		return set_region(value, recipe);
	if (strcmp(key, "policy") == 0)
		return set_number(value, 0, UINT64_MAX, &recipe->policy);
	if (strcmp(key, "sev-features") == 0)
		return set_features(value, &recipe->sev_features);
	if (strcmp(key, "guest-sev-features") == 0)
		return set_features(value, &recipe->guest_sev_features);
	if (strcmp(key, "guest-vmpl") == 0)
		return set_guest_vmpl(value, recipe);
	if (strcmp(key, "vmsa-count") == 0)
		return set_vmsa_count(value, recipe);
	if (strcmp(key, "console") == 0)
		return set_console(value, recipe);
	if (strcmp(key, "log-level") == 0)
		return set_log_level(value, recipe);
	if (strcmp(key, "debug-exit") == 0)
		return set_flag(value, BOOT_FLAG_DEBUG_EXIT, &recipe->flags);
	if (strcmp(key, "qemu-10.2") == 0)
		return set_bool(value, &recipe->qemu_10_2);
	*known = false;
	return false;
}

static enum tool_status apply_or_complain(struct recipe *recipe, const char *where, const char *key,
					  char *value)
{
	bool known;
	char original[128];

	strncpy(original, value, sizeof(original) - 1);
	original[sizeof(original) - 1] = '\0';
	if (apply(recipe, key, value, &known))
		return TOOL_OK;
	if (!known)
		complain("%s: unknown key '%s'", where, key);
	else
		complain("%s: bad value '%s' for '%s'", where, original, key);
	return TOOL_INPUT;
}

static void trim(char *text)
{
	size_t length = strcspn(text, "#");

	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
}

enum tool_status recipe_parse(struct recipe *recipe, const char *name, char *text)
{
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *key;
		enum tool_status status;

		trim(line);
		key = next_word(&line);
		if (*key == '\0')
			continue;
		line += strspn(line, " \t");
		status = apply_or_complain(recipe, name, key, line);
		if (status != TOOL_OK)
			return status;
	}
	return TOOL_OK;
}

enum tool_status recipe_set(struct recipe *recipe, char *assignment)
{
	char *value = strchr(assignment, '=');

	if (value == NULL) {
		complain("--set %s: not KEY=VALUE", assignment);
		return TOOL_USAGE;
	}
	*value++ = '\0';
	return apply_or_complain(recipe, "--set", assignment, value);
}

enum tool_status recipe_check(struct recipe *recipe)
{
	if (!IS_ALIGNED(recipe->region_base, PAGE_2M_SIZE) ||
	    !IS_ALIGNED(recipe->region_size, PAGE_2M_SIZE)) {
		complain("recipe: the region is not aligned to 2 MiB");
		return TOOL_INPUT;
	}
	if (recipe->region_base < MIB(1) || recipe->region_base + recipe->region_size > GIB(4)) {
		complain("recipe: the region does not lie between 1 MiB and 4 GiB");
		return TOOL_INPUT;
	}
	if (recipe->snp && (recipe->policy & SNP_POLICY_RESERVED_ONE) == 0) {
		complain("recipe: policy 0x%llx lacks bit 17, which must be 1",
			 (unsigned long long)recipe->policy);
		return TOOL_INPUT;
	}
	if (recipe->qemu_10_2 && !recipe->snp) {
		complain("recipe: qemu-10.2 without the platform snp leaves nothing to load");
		return TOOL_INPUT;
	}
	if (recipe->qemu_10_2)
		recipe->native = false;
	return TOOL_OK;
}
