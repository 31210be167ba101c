// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Raw mode and its undoing.
 *
 * State is global, for there is one terminal and the fatal-signal handler has
 * no other way to find it. Output processing stays on: our messages end their
 * lines with a bare newline, and the guest's own carriage returns do no harm.
 */
#include "term.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int term_fd = -1;
static struct termios term_saved;
static struct termios term_mode;

bool term_is_foreground(int fd)
{
	return tcgetpgrp(fd) == getpgrp();
}

void term_restore(void)
{
	if (term_fd >= 0)
		tcsetattr(term_fd, TCSANOW, &term_saved);
}

void term_resume(void)
{
	if (term_fd >= 0 && term_is_foreground(term_fd))
		tcsetattr(term_fd, TCSANOW, &term_mode);
}

static void on_fatal(int signal)
{
	/* SA_RESETHAND: the second delivery is the real one. */
	term_restore();
	raise(signal);
}

int term_raw(int fd)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction action = { .sa_handler = on_fatal, .sa_flags = SA_RESETHAND };

	if (tcgetattr(fd, &term_saved))
		return -1;
	term_mode = term_saved;
	cfmakeraw(&term_mode);
	term_mode.c_oflag = term_saved.c_oflag;
	term_fd = fd;
	atexit(term_restore);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &action, NULL);
	return tcsetattr(fd, TCSANOW, &term_mode);
}
