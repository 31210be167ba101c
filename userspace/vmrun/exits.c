// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The exit status of vmrun: a table, and the rule for codes of the guest's
 * own choice.
 *
 * A guest writes v to the test device and expects (v << 1) | 1, as test
 * runners of existing kernels do. Statuses that mean something else here, or
 * that a shell would take for a signal, are not for guests to choose.
 */
#include "exits.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int status;
	const char *words;
} ends[] = {
	[END_NONE]		= { STATUS_FAILED, "it has not ended" },
	[END_POWEROFF]		= { 0, "the guest powered off" },
	[END_RESET]		= { STATUS_RESET, "the guest asked for a reset" },
	[END_HALT]		= { STATUS_HALT, "all vCPUs halted with interrupts off" },
	[END_TRIPLE_FAULT]	= { STATUS_TRIPLE_FAULT, "triple fault" },
	[END_PANIC]		= { STATUS_PANIC, "the guest reported a panic" },
	[END_TIMEOUT]		= { STATUS_TIMEOUT, "the time given by --timeout is over" },
	[END_QUIT]		= { 128 + SIGINT, "stopped by Ctrl-a x" },
	[END_FAILED]		= { STATUS_FAILED, "the run could not go on" },
};

static int code_status(unsigned int code)
{
	unsigned int status;

	if (code > 0x7f)
		return STATUS_CODE_OTHER;
	status = code << 1 | 1;
	if (status > STATUS_CODE_OTHER || (status >= STATUS_RESET && status <= STATUS_PANIC))
		return STATUS_CODE_OTHER;
	return status;
}

int exits_status(struct end end)
{
	switch (end.kind) {
	case END_CODE:
		return code_status(end.value);
	case END_SIGNAL:
		return 128 + end.value;
	default:
		return ends[end.kind].status;
	}
}

const char *exits_reason(struct end end)
{
	static const char *const reasons[] = {
		[END_NONE]		= "none",
		[END_POWEROFF]		= "poweroff",
		[END_RESET]		= "reset",
		[END_HALT]		= "halt",
		[END_TRIPLE_FAULT]	= "triple-fault",
		[END_PANIC]		= "panic",
		[END_CODE]		= "code",
		[END_TIMEOUT]		= "timeout",
		[END_SIGNAL]		= "signal",
		[END_QUIT]		= "quit",
		[END_FAILED]		= "failed",
	};

	return reasons[end.kind];
}

char *exits_words(struct end end, char *buf, size_t len)
{
	switch (end.kind) {
	case END_CODE:
		snprintf(buf, len, "the guest wrote %#x to the test device", end.value);
		break;
	case END_SIGNAL:
		snprintf(buf, len, "stopped by signal %u (%s)", end.value,
			 strsignal(end.value));
		break;
	default:
		snprintf(buf, len, "%s", ends[end.kind].words);
	}
	return buf;
}
