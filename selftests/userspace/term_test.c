// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The user's terminal: raw while in use, and restored however the process
 * ends. A child owns a pseudo terminal; its parent looks at the modes.
 */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "backend/chr.h"
#include "kselftest_harness.h"
#include "term.h"

static bool is_raw(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode))
		abort();
	return !(mode.c_lflag & (ICANON | ECHO | ISIG));
}

/* The child makes its terminal raw, says so with one byte, and ends by @how. */
static int run(int signal_or_zero, bool *raw_before, bool *raw_meanwhile, bool *raw_after)
{
	char byte;
	int master, status, ready[2], go[2];
	pid_t child;

	if (pipe(ready) || pipe(go))
		abort();
	child = forkpty(&master, NULL, NULL, NULL);
	if (!child) {
		struct rlimit no_core = { 0, 0 };

		setrlimit(RLIMIT_CORE, &no_core);
		/* ASAN's own handlers would be in the way of the default action. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		if (write(ready[1], "0", 1) != 1 || read(go[0], &byte, 1) != 1)
			_exit(1);
		if (!term_is_foreground(STDIN_FILENO) || term_raw(STDIN_FILENO))
			_exit(2);
		if (write(ready[1], "1", 1) != 1 || read(go[0], &byte, 1) != 1)
			_exit(1);
		if (signal_or_zero)
			raise(signal_or_zero);
		exit(0);
	}
	if (child < 0 || read(ready[0], &byte, 1) != 1)
		abort();
	*raw_before = is_raw(master);
	if (write(go[1], "g", 1) != 1 || read(ready[0], &byte, 1) != 1)
		abort();
	*raw_meanwhile = is_raw(master);
	if (write(go[1], "g", 1) != 1)
		abort();
	waitpid(child, &status, 0);
	*raw_after = is_raw(master);
	close(master);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
	close(go[1]);
	return status;
}

TEST(restored_at_exit)
{
	bool before, meanwhile, after;

	ASSERT_EQ(0, run(0, &before, &meanwhile, &after));
	EXPECT_FALSE(before);
	EXPECT_TRUE(meanwhile);
	EXPECT_FALSE(after);
}

TEST(restored_by_fatal_signals)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		bool before, meanwhile, after;
		int status = run(signals[i], &before, &meanwhile, &after);

		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(signals[i], WTERMSIG(status));
		EXPECT_TRUE(meanwhile);
		EXPECT_FALSE(after);
	}
}

TEST(no_terminal_is_no_error)
{
	term_restore();
	term_resume();
	EXPECT_FALSE(term_is_foreground(-1));
	EXPECT_EQ(-1, term_raw(-1));
}

TEST(a_pty_as_serial_port)
{
	struct console_options where = { .kind = SERIAL_PTY };
	struct chr_ops ops = { 0 };
	static struct chr chr;
	struct loop loop;
	struct why why;
	char name[64], data[16];
	int other;

	ASSERT_EQ(0, loop_init(&loop));
	ASSERT_EQ(0, chr_open(&chr, &where, "--serial", &loop, &why));
	ASSERT_EQ(0, chr_listen(&chr, &ops, &why));
	ASSERT_EQ(0, ptsname_r(chr.in_fd, name, sizeof(name)));
	other = open(name, O_RDWR | O_NOCTTY);
	ASSERT_LE(0, other);
	EXPECT_TRUE(is_raw(other));
	chr_put(&chr, 'h');
	chr_put(&chr, 'i');
	chr_flush(&chr, 1000);
	EXPECT_EQ(2, read(other, data, sizeof(data)));
	EXPECT_EQ(0, memcmp(data, "hi", 2));
	close(other);

	/* With nobody there, output is dropped and no one waits. */
	for (int i = 0; i < 300000; i++)
		chr_put(&chr, 'x');
	chr_close(&chr);
	loop_fini(&loop);
}

TEST_HARNESS_MAIN
