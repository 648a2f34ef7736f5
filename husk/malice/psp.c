/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/types.h"
#include "husk/fwcfg.h"
#include "husk/machine.h"
#include "husk/malice.h"
#include "huskabi/huskabi.h"

#define RULES_MAX   8
#define HISTORY_MAX 64
#define TEXT_MAX    128

struct rule {
	enum malice_psp action;
	uint32_t first;
	uint32_t last;
};

/* A message that has left the guest, as far as it tells another one apart. */
struct sent {
	uint8_t vmpck;
	uint64_t seqno;
	uint8_t tag[GUEST_MSG_TAG_SIZE];
	uint8_t head[16]; /* of the ciphertext */
};

static const struct {
	const char *name;
	enum malice_psp action;
} actions[] = {
	{"busy", MALICE_PSP_BUSY},
	{"late-busy", MALICE_PSP_LATE_BUSY},
	{"drop", MALICE_PSP_DROP},
	{"swallow", MALICE_PSP_SWALLOW},
	{"replay", MALICE_PSP_REPLAY},
	{"class", MALICE_PSP_CLASS},
	{"length", MALICE_PSP_LENGTH},
	{"flip", MALICE_PSP_FLIP},
	{"unmarked", MALICE_PSP_UNMARKED},
	{"other-data", MALICE_PSP_OTHER_DATA},
	{"other-vmpl", MALICE_PSP_OTHER_VMPL},
};

static struct {
	struct rule rules[RULES_MAX];
	size_t rule_count;
	bool scan;
	bool blind;     /* the oracle is off */
	uint32_t count; /* requests with VMPCK0 so far */
	enum malice_psp current;
	struct sent history[HISTORY_MAX];
	size_t history_count;
} malice;

static uint32_t parse_number(const char **at)
{
	uint32_t value = 0;

	while (**at >= '0' && **at <= '9')
		value = value * 10 + (uint32_t)(*(*at)++ - '0');
	return value;
}

/* The action whose name stands at *at, up to its '@'; *at moves behind that. */
static bool parse_action(const char **at, enum malice_psp *action)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		size_t length = strlen(actions[i].name);

		if (memcmp(*at, actions[i].name, length) == 0 && (*at)[length] == '@') {
			*action = actions[i].action;
			*at += length + 1;
			return true;
		}
	}
	return false;
}

/* A word without a number stands at *at; *at moves behind it. */
static bool parse_word(const char **at, const char *word)
{
	size_t length = strlen(word);

	if (memcmp(*at, word, length) != 0 || ((*at)[length] != '\0' && (*at)[length] != '+'))
		return false;
	*at += length;
	return true;
}

static bool parse_flag(const char **at)
{
	if (parse_word(at, "scan")) {
		malice.scan = true;
		return true;
	}
	if (parse_word(at, "blind")) {
		malice.blind = true;
		return true;
	}
	return false;
}

static bool parse_rule(const char **at, struct rule *rule)
{
	if (!parse_action(at, &rule->action))
		return false;
	rule->first = parse_number(at);
	rule->last = rule->first;
	if (**at == '-') {
		(*at)++;
		rule->last = **at >= '0' && **at <= '9' ? parse_number(at) : UINT32_MAX;
	}
	return rule->first != 0 && rule->last >= rule->first;
}

void malice_init(void)
{
	/* Names are compared by whole length: zeros behind the text end every comparison. */
	char text[TEXT_MAX + 16] = "";
	const char *at = text;

	memset(&malice, 0, sizeof(malice));
	if (!fwcfg_option(HUSK_FWCFG_MALICE, text, TEXT_MAX))
		return;
	while (*at != '\0') {
		if (!parse_flag(&at)) {
			if (malice.rule_count == RULES_MAX ||
			    !parse_rule(&at, &malice.rules[malice.rule_count]))
				machine_end(HUSK_EXIT_BAD_MACHINE, "malice: can't read '%s'", at);
			malice.rule_count++;
		}
		if (*at == '+')
			at++;
	}
}

bool malice_wants_scan(void)
{
	return malice.scan;
}

/* Nothing is forgotten that could still be reused: the oldest go when there are too many. */
static void remember(const struct sent *sent)
{
	if (malice.history_count == HISTORY_MAX) {
		memmove(&malice.history[0], &malice.history[1],
			(HISTORY_MAX - 1) * sizeof(malice.history[0]));
		malice.history_count--;
	}
	malice.history[malice.history_count++] = *sent;
}

static void watch(const struct guest_msg *request)
{
	struct sent sent;

	memset(&sent, 0, sizeof(sent));
	sent.vmpck = request->header.msg_vmpck;
	sent.seqno = request->header.msg_seqno;
	memcpy(sent.tag, request->header.authtag, sizeof(sent.tag));
	memcpy(sent.head, request->payload, sizeof(sent.head));
	for (size_t i = 0; i < malice.history_count; i++) {
		const struct sent *old = &malice.history[i];

		if (old->vmpck != sent.vmpck || old->seqno != sent.seqno)
			continue;
		if (memcmp(old->tag, sent.tag, sizeof(sent.tag)) != 0 ||
		    memcmp(old->head, sent.head, sizeof(sent.head)) != 0)
			machine_end(HUSK_EXIT_HARMED,
				    "oracle: VMPCK%u used the IV of message %lu twice", sent.vmpck,
				    (unsigned long)sent.seqno);
		return;
	}
	remember(&sent);
}

enum malice_psp malice_psp_next(const struct guest_msg *request)
{
	if (!malice.blind)
		watch(request);
	malice.current = MALICE_PSP_HONEST;
	if (request->header.msg_vmpck != 0)
		return malice.current;
	malice.count++;
	for (size_t i = 0; i < malice.rule_count; i++)
		if (malice.count >= malice.rules[i].first && malice.count <= malice.rules[i].last)
			malice.current = malice.rules[i].action;
	return malice.current;
}

void malice_psp_answer(uint8_t request_type, void *answer)
{
	struct report_rsp *response = answer;

	if (request_type != GUEST_MSG_REPORT_REQ)
		return;
	if (malice.current == MALICE_PSP_OTHER_DATA)
		response->report.report_data[0] ^= 1;
	if (malice.current == MALICE_PSP_OTHER_VMPL)
		response->report.vmpl ^= 2;
}
