/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <cjson/cJSON.h>

#include "verify.h"

static void print_text(const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct check *check = &verdict->checks[i];

		printf("%-4s  %-20s %s\n", check_result_name(check->result), check->name,
		       check->found);
		if (check->result != CHECK_PASS)
			printf("      %-20s expected: %s\n", "", check->expected);
	}
	if (!verdict_good(verdict))
		puts("verdict: BAD");
	else if (verdict->emulated)
		puts("verdict: good, EMULATED (the root is not AMD's: no hardware protects this)");
	else
		puts("verdict: good");
}

static bool add_check(cJSON *array, const struct check *check)
{
	cJSON *item = cJSON_CreateObject();

	if (item == NULL || !cJSON_AddItemToArray(array, item))
		return false;
	return cJSON_AddStringToObject(item, "name", check->name) != NULL &&
	       cJSON_AddStringToObject(item, "result", check_result_name(check->result)) != NULL &&
	       cJSON_AddStringToObject(item, "expected", check->expected) != NULL &&
	       cJSON_AddStringToObject(item, "found", check->found) != NULL;
}

static bool fill(cJSON *root, const struct verdict *verdict)
{
	cJSON *checks = NULL;
	bool ok = cJSON_AddBoolToObject(root, "good", verdict_good(verdict)) != NULL &&
		  cJSON_AddBoolToObject(root, "emulated", verdict->emulated) != NULL;

	if (ok)
		checks = cJSON_AddArrayToObject(root, "checks");
	for (size_t i = 0; checks != NULL && i < verdict->count; i++)
		ok = ok && add_check(checks, &verdict->checks[i]);
	return ok && checks != NULL;
}

static bool print_json(const struct verdict *verdict)
{
	cJSON *root = cJSON_CreateObject();
	char *text = NULL;

	if (root != NULL && fill(root, verdict))
		text = cJSON_Print(root);
	if (text != NULL)
		puts(text);
	free(text);
	cJSON_Delete(root);
	return text != NULL;
}

bool output_print(const struct verdict *verdict, bool json)
{
	if (json)
		return print_json(verdict);
	print_text(verdict);
	return true;
}
