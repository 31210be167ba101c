// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Printing what libvmm found out about this machine: as a table on request,
 * as the failing rows when a start was refused.
 *
 * The surprising thing: a start may be refused although every row passes, for
 * the machine has changed in between; then the headline is all there is to say.
 */
#include "check.h"

#include <libvmm.h>
#include <stdio.h>

#include "log.h"

static const char *const verdicts[] = {
	[VMM_ROW_PASS]		= "ok",
	[VMM_ROW_WARN]		= "warn",
	[VMM_ROW_FAIL]		= "FAIL",
	[VMM_ROW_UNKNOWN]	= "?",
};

static void print_row(FILE *out, const struct vmm_row *row)
{
	fprintf(out, "  %-4s  %-24s %s\n", verdicts[row->verdict], row->subject, row->found);
	if (row->remedy[0])
		fprintf(out, "        %-24s %s\n", "", row->remedy);
}

int check_report(void)
{
	struct vmm_row rows[VMM_ROWS_MAX];
	const struct vmm_row *first = NULL;
	struct vmm_facts facts;
	unsigned int count;

	vmm_facts_gather(&facts, NULL);
	count = vmm_diagnose(&facts, rows);
	for (unsigned int i = 0; i < count; i++) {
		print_row(stdout, &rows[i]);
		if (!first && rows[i].verdict == VMM_ROW_FAIL)
			first = &rows[i];
	}
	if (first)
		printf("\nThis machine cannot run guests now: %s: %s; %s.\n", first->subject,
		       first->found, first->remedy);
	else
		printf("\nThis machine can run guests.\n");
	return first ? 1 : 0;
}

void check_explain(const char *headline)
{
	struct vmm_row rows[VMM_ROWS_MAX];
	struct vmm_facts facts;
	unsigned int count;

	vmm_facts_gather(&facts, NULL);
	count = vmm_diagnose(&facts, rows);
	log_begin();
	log_error("%s", headline);
	for (unsigned int i = 0; i < count; i++)
		if (rows[i].verdict == VMM_ROW_FAIL)
			print_row(stderr, &rows[i]);
	log_end();
}
