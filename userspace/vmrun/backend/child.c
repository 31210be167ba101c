// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Starting and ending helper programs.
 *
 * A child is in a process group of its own: Ctrl-c on a terminal is for us to
 * act on, and the child has to outlast our own end by a moment, to write what
 * it still holds.
 */
#include "backend/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_TURNS	100	/* of 10 ms, before each signal */

extern char **environ;

static int spawn(pid_t *pid, int fd, const char *path, const char *const argv[])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, 2, 1);
	/* Takes the close-on-exec flag away even where the numbers are the same. */
	posix_spawn_file_actions_adddup2(&actions, fd, atoi(CHILD_FD));
	error = posix_spawnp(pid, path, &actions, &attr, (char **)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* An ordinary user's PATH seldom has the sbin directories. */
static int spawn_anywhere(pid_t *pid, int fd, const char *const argv[])
{
	static const char *const dirs[] = { "/usr/sbin/", "/sbin/", "/usr/bin/" };
	int error = spawn(pid, fd, argv[0], argv);

	for (size_t i = 0; error == ENOENT && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char path[64] = "";

		strncat(path, dirs[i], sizeof(path) - 1);
		strncat(path, argv[0], sizeof(path) - 1 - strlen(path));
		error = spawn(pid, fd, path, argv);
	}
	return error;
}

int child_start(struct child *child, const char *const argv[], const char *package,
		struct why *why)
{
	int pair[2], error;

	child->fd = -1;
	child->pid = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return why_set(why, "%s: no socket: %s", argv[0], strerror(errno));
	error = spawn_anywhere(&child->pid, pair[1], argv);
	close(pair[1]);
	if (!error) {
		child->fd = pair[0];
		return 0;
	}
	close(pair[0]);
	if (error == ENOENT)
		return why_set(why, "%s is not installed: \"apt-get install %s\" provides it",
			       argv[0], package);
	return why_set(why, "%s cannot be started: %s", argv[0], strerror(error));
}

static bool is_gone(pid_t pid, unsigned int turns)
{
	struct timespec pause = { .tv_nsec = 10000000 };

	for (;; turns--) {
		if (waitpid(pid, NULL, WNOHANG))
			return true;
		if (!turns)
			return false;
		nanosleep(&pause, NULL);
	}
}

void child_end(struct child *child)
{
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	if (child->pid <= 0)
		return;
	if (!is_gone(child->pid, GRACE_TURNS)) {
		/* The sandbox forbids it: then init inherits a child that does not end. */
		if (!kill(child->pid, SIGTERM) && !is_gone(child->pid, GRACE_TURNS)) {
			kill(child->pid, SIGKILL);
			waitpid(child->pid, NULL, 0);
		}
	}
	child->pid = -1;
}
