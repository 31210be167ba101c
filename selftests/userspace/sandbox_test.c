// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sandbox: a forbidden call ends the process with SIGSYS and a message,
 * what a running guest needs goes on working, and privileges do not come back.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "sandbox.h"

/* What a child did in the sandbox: its wait status, and its standard error. */
struct outcome {
	int status;
	char said[256];
};

static struct outcome in_sandbox(int (*act)(void))
{
	struct outcome outcome = { 0 };
	int pipe_fds[2];
	ssize_t got;
	pid_t pid;

	if (pipe(pipe_fds))
		abort();
	pid = fork();
	if (!pid) {
		struct why why;

		dup2(pipe_fds[1], STDERR_FILENO);
		close(pipe_fds[1]);
		if (sandbox_enter(&why))
			_exit(99);
		_exit(act());
	}
	close(pipe_fds[1]);
	got = read(pipe_fds[0], outcome.said, sizeof(outcome.said) - 1);
	(void)got;
	close(pipe_fds[0]);
	waitpid(pid, &outcome.status, 0);
	return outcome;
}

static int run_a_program(void)
{
	execl("/bin/true", "true", NULL);
	return 1;
}

static int trace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return 1;
}

static int fork_a_child(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0;
}

static int take_the_handler_away(void)
{
	signal(SIGSYS, SIG_IGN);
	return 1;
}

static int type_for_the_user(void)
{
	ioctl(STDIN_FILENO, TIOCSTI, "x");
	return 1;
}

static int change_owner(void)
{
	return setuid(0) ? 1 : 2;
}

static int send_to_another_process(void)
{
	syscall(SYS_tgkill, getppid(), getppid(), SIGTERM);
	return 1;
}

TEST(forbidden_calls_die)
{
	static int (*const acts[])(void) = {
		run_a_program, trace, fork_a_child, take_the_handler_away, type_for_the_user,
		change_owner, send_to_another_process,
	};

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		struct outcome outcome = in_sandbox(acts[i]);

		EXPECT_TRUE(WIFSIGNALED(outcome.status)) {
			TH_LOG("act %zu: status %#x", i, outcome.status);
		}
		EXPECT_EQ(SIGSYS, WTERMSIG(outcome.status));
		EXPECT_NE(NULL, strstr(outcome.said, "forbidden system call"));
	}
}

static int open_a_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 7 : 1;
}

static int open_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EACCES ? 7 : 1;
}

TEST(some_calls_fail_quietly)
{
	static int (*const acts[])(void) = { open_a_file, open_a_socket };

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		struct outcome outcome = in_sandbox(acts[i]);

		EXPECT_TRUE(WIFEXITED(outcome.status));
		EXPECT_EQ(7, WEXITSTATUS(outcome.status));
	}
}

static void *thread(void *arg)
{
	uint64_t one = 1;

	pthread_setname_np(pthread_self(), "in-a-box");
	return write(*(int *)arg, &one, sizeof(one)) == sizeof(one) ? arg : NULL;
}

static int go_on(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	void *result = NULL;
	pthread_t id;
	uint64_t count;

	if (pthread_create(&id, NULL, thread, &fd) || pthread_join(id, &result) || !result)
		return 1;
	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return 2;
	free(malloc(1 << 20));
	return 7;
}

TEST(a_run_goes_on)
{
	struct outcome outcome = in_sandbox(go_on);

	EXPECT_TRUE(WIFEXITED(outcome.status)) {
		TH_LOG("%s", outcome.said);
	}
	EXPECT_EQ(7, WEXITSTATUS(outcome.status));
}

TEST(no_new_privileges)
{
	char line[128], file[64];
	bool found = false;
	int go[2], ready[2];
	FILE *status;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		struct why why;
		char byte = 0;

		if (sandbox_enter(&why) || write(ready[1], &byte, 1) != 1 ||
		    read(go[0], &byte, 1) != 1)
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(1, read(ready[0], line, 1));
	snprintf(file, sizeof(file), "/proc/%d/status", pid);
	status = fopen(file, "r");
	ASSERT_NE(NULL, status);
	while (fgets(line, sizeof(line), status))
		found |= !strcmp(line, "NoNewPrivs:\t1\n");
	fclose(status);
	EXPECT_TRUE(found);
	ASSERT_EQ(1, write(go[1], line, 1));
	waitpid(pid, NULL, 0);
}

TEST_HARNESS_MAIN
