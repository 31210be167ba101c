// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kinds of serial back end: which descriptors they bring and how those
 * behave.
 *
 * stdio's descriptors are borrowed; a file's and a pseudo terminal's are the
 * struct's own. stdin is left alone when it is a terminal whose foreground is
 * somebody else: reading it would stop the whole process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "backend/chr.h"
#include "log.h"
#include "term.h"

static int open_stdio(struct chr *chr)
{
	chr->out_fd = STDOUT_FILENO;
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
		chr->out_fd = -1;
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		return 0;
	if (!isatty(STDIN_FILENO)) {
		chr->in_fd = STDIN_FILENO;
		return 0;
	}
	if (!term_is_foreground(STDIN_FILENO))
		return 0;
	chr->in_fd = STDIN_FILENO;
	chr->escapes = !term_raw(STDIN_FILENO);
	return 0;
}

static int open_file(struct chr *chr, const char *path, const char *option, struct why *why)
{
	chr->own_fds = true;
	chr->out_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
	if (chr->out_fd < 0)
		return why_set(why, "%s: %s cannot be written: %s", option, path,
			       strerror(errno));
	return 0;
}

static int open_pty(struct chr *chr, const char *option, struct why *why)
{
	struct termios raw;
	char name[64];
	int other;

	chr->own_fds = true;
	chr->lossy = true;
	chr->in_fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (chr->in_fd < 0 || grantpt(chr->in_fd) || unlockpt(chr->in_fd) ||
	    ptsname_r(chr->in_fd, name, sizeof(name)))
		return why_set(why, "%s: no pseudo terminal to be had: %s", option,
			       strerror(errno));
	chr->out_fd = chr->in_fd;

	/* Held open for ever, so that nobody's hanging up is the end of it. */
	other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (other >= 0 && !tcgetattr(other, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(other, TCSANOW, &raw);
	}
	log_note("%s: %s", option, name);
	return 0;
}

int chr_open(struct chr *chr, const struct console_options *where, const char *option,
	     struct loop *loop, struct why *why)
{
	int error = 0;

	memset(chr, 0, sizeof(*chr));
	chr->in_fd = -1;
	chr->out_fd = -1;
	chr->loop = loop;
	switch (where->kind) {
	case SERIAL_STDIO:
		error = open_stdio(chr);
		break;
	case SERIAL_FILE:
		error = open_file(chr, where->path, option, why);
		break;
	case SERIAL_PTY:
		error = open_pty(chr, option, why);
		break;
	case SERIAL_NULL:
		break;
	}
	if (error)
		return error;
	error = chr_start(chr);
	if (error)
		return why_set(why, "%s: no thread for output: %s", option, strerror(-error));
	return 0;
}
